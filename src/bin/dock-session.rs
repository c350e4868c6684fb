//! The command `dock-session`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::dock_session::run)
}
