//! `docker stop`.

use dockerutils_command::Command;

/// Returns the command that ends a container: with SIGTERM, and after ten seconds by force.
pub fn stop(container: &str) -> Command {
    Command::new("docker").args(["stop", container])
}
