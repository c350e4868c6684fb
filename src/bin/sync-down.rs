//! The command `sync-down`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::sync_down::run)
}
