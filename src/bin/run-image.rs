//! The command `run-image`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::run_image::run)
}
