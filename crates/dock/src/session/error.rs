//! Errors of sessions: each message names the dock or the folder, and the remedy.

use std::io;
use std::path::{Path, PathBuf};

use dockerutils_command as command;

use crate::{Dock, DockFault, Moniker};

/// Why a session could not be opened, used or closed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The session's folder is not safe, or the system refused an operation in it.
    #[error("{0}")]
    Folder(#[from] dockerutils_ssh::Error),
    /// The system refused an operation on the link that docker's ssh finds the connection by.
    #[error("{} cannot be {action}: {source}", path.display())]
    Link { action: &'static str, path: PathBuf, source: io::Error },
    /// ssh did not reach the dock and printed why, but a probe afterwards did reach it.
    #[error("{0} could not be reached; nothing has changed")]
    Unreachable(Moniker),
    /// The connection was lost as soon as it had been opened.
    #[error("the connection to {0} was lost at once; nothing has changed")]
    Lost(Moniker),
    /// The dock, or docker on it, cannot be used. The sentence names the remedy.
    #[error("{sentence}; nothing has changed")]
    Unusable { sentence: String, fault: DockFault },
    /// The dock can be reached again, but not at the address that DOCKER_HOST holds.
    #[error("docker on {0} is at another DOCKER_HOST than before: `castoff`, and `source dock {0}` again")]
    EndpointChanged(Moniker),
    /// An external command failed.
    #[error("{0}")]
    Command(#[from] command::Error),
}

impl Error {
    /// Returns the error for a dock that cannot be used.
    pub(super) fn unusable(fault: DockFault, dock: &Dock) -> Self {
        Error::Unusable { sentence: fault.sentence(dock), fault }
    }

    /// Returns what `map_err` needs after an operation on the link: `action` completes "… cannot be …".
    pub(super) fn link(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Link { action, path: path.to_owned(), source }
    }
}
