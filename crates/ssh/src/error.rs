//! Errors of this crate: a folder for sockets that is not safe, or a word that no shell accepts.

use std::io;
use std::path::{Path, PathBuf};

/// Why a folder for sockets cannot be used, or a command cannot be built.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// Other users can write to the folder, own it, or have put a link in its place.
    #[error(
        "{} is not a folder that only you can use: remove it, or set XDG_RUNTIME_DIR to a folder of yours",
        .0.display()
    )]
    NotPrivate(PathBuf),
    /// Other users can replace the private folder itself, because they can write to the folder above it.
    #[error(
        "other users can replace files in {}: set XDG_RUNTIME_DIR to a folder that only you can write to",
        .0.display()
    )]
    UnsafeParent(PathBuf),
    /// A file in the private folder is a link or not of the kind that dockerutils creates there.
    #[error(
        "{} was not created by dockerutils: remove the folder {}",
        path.display(), path.parent().unwrap_or(path).display()
    )]
    Foreign { path: PathBuf },
    /// The system refused an operation on a file or folder.
    #[error("{} cannot be {action}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// A word for the remote shell contains a NUL character.
    #[error("an argument contains a NUL character, which no command accepts")]
    Nul,
}

impl Error {
    /// Returns what `map_err` needs after an operation on a file: `action` completes "… cannot be …".
    pub(crate) fn io<E: Into<io::Error>>(action: &'static str, path: &Path) -> impl FnOnce(E) -> Error {
        move |source| Error::Io { action, path: path.to_owned(), source: source.into() }
    }
}
