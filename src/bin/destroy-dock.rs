//! The command `destroy-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::destroy_dock::run)
}
