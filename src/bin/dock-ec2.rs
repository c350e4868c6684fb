//! The command `dock-ec2`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::dock_ec2::run)
}
