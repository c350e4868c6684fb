//! The command `sync-up`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::sync_up::run)
}
