//! The command `stop-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::stop_dock::run)
}
