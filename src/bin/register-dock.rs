//! The command `register-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::register_dock::run)
}
