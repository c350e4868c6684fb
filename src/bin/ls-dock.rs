//! The command `ls-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::ls_dock::run)
}
