//! The command `check-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::check_dock::run)
}
