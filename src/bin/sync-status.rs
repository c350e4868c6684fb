//! The command `sync-status`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::sync_status::run)
}
