//! The errors of a call of docker, beyond its exit status.

use std::time::Duration;

use dockerutils_command as command;

/// Why a call of docker did not have the expected result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DockerCallError {
    /// The engine did not respond within the timeout.
    #[error(
        "docker has not responded within {} s: check the engine with `docker info`, and the network if it is remote",
        .0.as_secs()
    )]
    TimedOut(Duration),
    /// The engine does not have an image; `remedy` is the clause that names the command to get it.
    #[error("docker has no image {name}{}", remedy.iter().map(|remedy| format!(": {remedy}")).collect::<String>())]
    NoImage { name: String, remedy: Option<String> },
    /// The engine does not have an image of the project.
    #[error("docker has no image {name}: `{build}` makes it")]
    NotBuilt { name: String, build: String },
    /// A push or login failed; docker printed the error, this adds the remedy.
    #[error("{remedy}")]
    Registry { remedy: String, source: command::Error },
}
