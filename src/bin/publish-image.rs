//! The command `publish-image`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::publish_image::run)
}
