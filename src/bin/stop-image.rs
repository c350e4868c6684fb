//! The command `stop-image`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::stop_image::run)
}
