//! The command `run-notebook`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::run_notebook::run)
}
