//! The command `debug-image`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::debug_image::run)
}
