//! The command `create-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::create_dock::run)
}
