//! The command `ssh-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::ssh_dock::run)
}
