//! What can go wrong with a session: one sentence each, with what to do.

use std::io;
use std::path::{Path, PathBuf};

use dockerutils_command as command;

use crate::{Dock, Moniker, Trouble};

/// Why a dock could not be opened, or closed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder for sockets is not ours alone: whoever can write there could take docker's place.
    #[error("{} is not a folder of yours alone: remove it, or set XDG_RUNTIME_DIR", .0.display())]
    NotPrivate(PathBuf),
    /// The system refused something about the folder for sockets.
    #[error("{} could not be {done}: {source}", path.display())]
    Io {
        /// What was to be done with it.
        done: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// ssh did not get there and has said why; asked once more, the dock answers.
    #[error("{0} cannot be reached; nothing has changed")]
    Unreachable(Moniker),
    /// The connection was lost the moment it was there.
    #[error("the connection to {0} was lost at once; nothing has changed")]
    Lost(Moniker),
    /// The dock does not answer, or docker on it.
    #[error("{sentence}; nothing has changed")]
    NoAnswer {
        /// Which dock, why, and what to do.
        sentence: String,
        /// The same, as a value.
        trouble: Trouble,
    },
    /// It can be reached again, but no longer in the way that DOCKER_HOST says.
    #[error("{0} is reached in another way than before: `castoff`, and `source dock {0}` again")]
    OtherWay(Moniker),
    /// An external command did not do its work.
    #[error(transparent)]
    Command(#[from] command::Error),
}

impl Error {
    /// What keeps a dock from answering.
    pub(super) fn of(trouble: Trouble, dock: &Dock) -> Self {
        Error::NoAnswer { sentence: trouble.sentence(dock), trouble }
    }

    /// For `map_err`, after an operation on a file.
    pub(super) fn io(done: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { done, path: path.to_owned(), source }
    }
}
