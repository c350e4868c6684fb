//! `docker logs`.

use dockerutils_command::Command;

/// Returns the command that prints what a container prints, until it ends.
pub fn follow_logs(container: &str) -> Command {
    Command::new("docker").args(["logs", "--follow", container])
}
