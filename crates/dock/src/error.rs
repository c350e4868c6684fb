//! What can go wrong with docks: one sentence each, with what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::{Address, Invalid, Moniker};

/// Why something about a dock could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line of a record that is not to be believed.
    #[error("{}:{line}: {fault}; correct it, or remove the dock with `unregister-dock {}`", file.display(), folder(file))]
    Record {
        /// The record's file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        fault: Box<Fault>,
    },
    /// No dock goes by this name.
    #[error("there is no dock `{name}`{hint}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// What to do instead.
        hint: String,
    },
    /// Several docks go by this moniker, as older versions allowed.
    #[error("several docks are called `{name}`: name one by its address, {addresses}")]
    Ambiguous {
        /// The moniker.
        name: String,
        /// Theirs, with commas between.
        addresses: String,
    },
    /// Another dock has this name already.
    #[error(
        "`{moniker}` is the dock at {taken_by}: choose another moniker, or `unregister-dock {moniker}` first"
    )]
    Taken {
        /// The name.
        moniker: Moniker,
        /// The address of the dock that has it.
        taken_by: Address,
    },
    /// The system refused to read or write something.
    #[error("{} could not be {done}: {source}", path.display())]
    Io {
        /// What was to be done with it: `read`, `written`.
        done: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A command cannot be handed to the dock's shell.
    #[error("an argument holds a NUL character, which no command can be given")]
    Nul,
}

/// What is wrong with a line of a record.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It is no `KEY=VALUE`.
    #[error("this is not KEY=VALUE")]
    NoPair,
    /// Its bytes are no UTF-8.
    #[error("this is no text in UTF-8")]
    NoText,
    /// Its key stands on an earlier line too.
    #[error("{key} stands on line {first} already")]
    Twice {
        /// The key.
        key: String,
        /// The earlier line.
        first: usize,
    },
    /// Its value could not be what the key says.
    #[error("{key}: {invalid}")]
    Value {
        /// The key.
        key: &'static str,
        /// Why not.
        invalid: Invalid,
    },
    /// The address is not that of the folder.
    #[error("DOCK_IP is `{address}`, and the folder is another's")]
    OtherFolder {
        /// What DOCK_IP says.
        address: Address,
    },
}

/// The name of the folder that a record stands in.
pub(crate) fn folder(record: &Path) -> String {
    let folder = record.parent().and_then(Path::file_name).unwrap_or_default();
    folder.to_string_lossy().into_owned()
}

impl Error {
    /// The file of which something could not be read.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Error::Record { file, .. } | Error::Io { path: file, .. } => Some(file),
            _ => None,
        }
    }

    /// For `map_err`, after an operation on a file.
    pub(crate) fn io(done: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { done, path: path.to_owned(), source }
    }
}
