//! The command `gc-docks`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::gc_docks::run)
}
