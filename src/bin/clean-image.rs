//! The command `clean-image`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::clean_image::run)
}
