//! `docker logs`.

use dockerutils_command::Command;

/// How many lines that a container has printed before are printed too.
const TAIL: &str = "100";

/// Returns the command that prints the last lines of a container and what it prints from then on, until it ends.
pub fn follow_logs(container: &str) -> Command {
    Command::new("docker").args(["logs", "--follow", "--tail", TAIL, container])
}
