//! The command `unregister-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::unregister_dock::run)
}
