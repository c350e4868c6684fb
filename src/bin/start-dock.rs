//! The command `start-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::start_dock::run)
}
