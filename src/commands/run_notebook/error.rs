//! The errors of `run-notebook`.

use dockerutils_command as command;

/// Why a notebook does not run or cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotebookError {
    /// The stock image could not be pulled, and the engine does not have it.
    #[error(
        "{image} cannot be pulled, and docker does not have it: check the network, load it with `docker load` or \
         transfer-image, or set `notebook_image` under [run_image] in docker/dockerutils.cfg"
    )]
    NotPulled { image: String, source: command::Error },
    /// The container has ended before Jupyter responded.
    #[error("{cause}")]
    Ended { cause: String, source: command::Error },
    /// A container in the background has ended before Jupyter responded.
    #[error("the container has ended before Jupyter responded{}{}", .lines.iter().map(|line| format!("; {line}")).collect::<String>(), .cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default())]
    EndedInBackground { lines: Vec<String>, cause: Option<String> },
    /// The connection to the dock was lost, and the container goes on there.
    #[error(
        "the connection was lost, and the notebook is still running on {dock}: `run-notebook` connects again, `sync-down` \
         brings what is saved"
    )]
    ConnectionLost { dock: String },
    /// The requested port is taken.
    #[error("port {port} is taken on this machine by {owner}: choose another one, or leave --port out")]
    PortTaken { port: u16, owner: String },
    /// None of the ports that are tried is free.
    #[error(
        "no port from {first} to {last} is free on this machine: end a notebook with --stop, or choose a port with --port"
    )]
    NoFreePort { first: u16, last: u16 },
    /// A configured range contains the notebook's port.
    #[error(
        "`{flag}` publishes the notebook's port {port} to the network: leave {port} out of the range (run-notebook publishes it on \
         127.0.0.1), or write `-p {port}:{port}` and a range for the others"
    )]
    PortRange { flag: String, port: u16 },
    /// No running notebook has this name or port.
    #[error("no notebook `{which}` runs: `run-notebook --list` lists them")]
    NotRunning { which: String },
    /// No notebook of this project runs.
    #[error("no notebook of {project} runs: `run-notebook --list` lists the others")]
    NoneOfProject { project: String },
    /// The system has no randomness for a token.
    #[error("no token can be generated: {0}")]
    NoToken(#[source] std::io::Error),
}
