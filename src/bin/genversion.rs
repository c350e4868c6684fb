//! The command `genversion`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::genversion::run)
}
