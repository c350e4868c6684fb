//! The command `ls-image`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::ls_image::run)
}
