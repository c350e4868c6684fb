//! The command `transfer-image`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::transfer_image::run)
}
