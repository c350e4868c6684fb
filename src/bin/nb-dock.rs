//! The command `nb-dock`.

fn main() -> std::process::ExitCode {
    dockerutils::main(dockerutils::commands::nb_dock::run)
}
