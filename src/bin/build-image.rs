//! The command `build-image`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::build_image::run)
}
