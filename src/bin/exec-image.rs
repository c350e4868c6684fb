//! The command `exec-image`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::exec_image::run)
}
