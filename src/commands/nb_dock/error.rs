//! The errors of `nb-dock`.

use dockerutils_notebook::RemoteError;

/// Why Jupyter on a dock does not run or cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NbDockError {
    /// No Jupyter was found on the dock.
    #[error(
        "on {dock} {source}: `nb-dock {dock} --install` installs it, --jupyter names another place; or `source dock {dock}` and \
         `run-notebook`"
    )]
    NoJupyter { dock: String, source: RemoteError },
    /// Another reason for which no server runs.
    #[error("on {dock}: {source}")]
    Remote { dock: String, source: RemoteError },
    /// The server runs, but where it listens is not known.
    #[error("where Jupyter on {dock} listens is not known: `nb-dock {dock} --stop` ends it")]
    NoTarget { dock: String },
    /// sshd forwards no sockets, and the server, which may have kernels, listens on one.
    #[error(
        "sshd on {dock} does not forward sockets (AllowStreamLocalForwarding in its /etc/ssh/sshd_config), and Jupyter listens on \
         one: `nb-dock {dock} --stop`, and again"
    )]
    NoSocketForward { dock: String },
    /// sshd forwards neither sockets nor ports.
    #[error(
        "sshd on {dock} does not forward the port of Jupyter (AllowTcpForwarding or PermitOpen in its /etc/ssh/sshd_config)"
    )]
    NoForward { dock: String },
    /// The port that was opened on this machine leads to a server with a token of its own.
    #[error(
        "Jupyter on {dock} does not accept its token: remove `token` and `password` from its configuration in ~/.jupyter"
    )]
    Refused { dock: String },
    /// The server accepts connections, and does not respond.
    #[error(
        "Jupyter on {dock} does not respond; `nb-dock {dock}` tries again, and `nb-dock {dock} --stop` ends it"
    )]
    Silent { dock: String },
    /// `--sync` without a project.
    #[error(
        "--sync sends the project, and the working folder is in none: leave it out, or change to a project"
    )]
    NoProject,
    /// Nothing to end.
    #[error("no Jupyter of yours runs on {dock}{}", .folder.as_ref().map(|folder| format!(" in {folder}")).unwrap_or_default())]
    NotRunning { dock: String, folder: Option<String> },
    /// The system has no randomness for a token.
    #[error("no token can be generated: {0}")]
    NoToken(#[source] std::io::Error),
}
