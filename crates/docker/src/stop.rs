//! `docker stop`.

use dockerutils_command::Command;

/// Returns the command that ends containers side by side: with SIGTERM, and after so many seconds by force; without a
/// number after the ten seconds of docker, or what the container was started with.
pub fn stop<'a>(containers: impl IntoIterator<Item = &'a str>, seconds: Option<u32>) -> Command {
    let seconds = seconds.into_iter().flat_map(|seconds| ["-t".to_owned(), seconds.to_string()]);
    Command::new("docker").arg("stop").args(seconds).args(containers)
}

/// Returns the command that removes a container as `docker run --rm` does, with its anonymous volumes.
pub fn remove_with_volumes(container: &str) -> Command {
    Command::new("docker").args(["container", "rm", "--volumes", container])
}

/// Returns the command that removes containers that have ended. Their volumes stay.
pub fn remove_containers<'a>(containers: impl IntoIterator<Item = &'a str>) -> Command {
    Command::new("docker").args(["container", "rm"]).args(containers)
}
