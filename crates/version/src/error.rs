//! Why a project's version record cannot be made or written.

use std::io;
use std::path::PathBuf;

use crate::style;

/// What ends the work. A git or a python3 that fails does not: the record says so instead.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is there and cannot be read.
    #[error("{file} cannot be read: {source}")]
    Unreadable {
        /// The file, relative to the project's root.
        file: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The file has versioneer's settings, and they cannot be used.
    #[error("{file}:{line}: {problem}")]
    Broken {
        /// The file, relative to the project's root.
        file: &'static str,
        /// The line, from 1.
        line: usize,
        /// What is wrong there, and what to do.
        problem: String,
    },
    /// A style that versioneer does not have.
    #[error("{file}: versioneer has no style `{style}`: use one of {}", style::names())]
    UnknownStyle {
        /// The file, relative to the project's root.
        file: &'static str,
        /// The style that it asks for.
        style: String,
    },
    /// The file could not be put in its place.
    #[error("{} cannot be written: {source}", path.display())]
    Unwritable {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// We were told to stop.
    #[error(transparent)]
    Command(#[from] dockerutils_command::Error),
}
