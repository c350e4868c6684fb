//! Errors of records and of the folders that hold them.

use std::io;
use std::path::{Path, PathBuf};

use dockerutils_command::printable;

use crate::journal::JournalFault;
use crate::{Address, DockCfgFault, Invalid, Moniker};

/// Why an operation on docks failed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The user's home folder, which holds `~/.docker`, is not known.
    #[error("your home folder is not known: set HOME")]
    NoHome,
    /// A line of a record is not valid; lines count from 1.
    #[error("{}:{line}: {fault}; correct it, or remove the dock with `unregister-dock {}`", file.display(), folder(file))]
    Record { file: PathBuf, line: usize, fault: Box<Fault> },
    /// No dock has this moniker or address. Without a hint, no dock is registered.
    #[error("{}", unknown(name, hint.as_deref()))]
    Unknown { name: String, hint: Option<String> },
    /// Several docks have this moniker, which older versions allowed.
    #[error("several docks are called `{name}`: use an address instead, {addresses}")]
    Ambiguous { name: String, addresses: String },
    /// Another dock has this moniker.
    #[error(
        "`{moniker}` is the dock at {taken_by}: choose another moniker, or `unregister-dock {moniker}` first"
    )]
    Taken { moniker: Moniker, taken_by: Address },
    /// The new address of an instance is that of a dock which is not an instance.
    #[error("`{address}` is registered as the dock {moniker}: `unregister-dock {address}` first")]
    AddressInUse { address: Address, moniker: Moniker },
    /// A line of `dock.cfg` is not valid; lines count from 1.
    #[error("{}:{line}: {fault}", file.display())]
    DockCfg { file: PathBuf, line: usize, fault: DockCfgFault },
    /// An `instance.json` is not valid.
    #[error(
        "{} is not valid: {}; remove the file, and use the AWS console for what create-dock made", file.display(),
        printable(&source.to_string())
    )]
    Instance { file: PathBuf, source: serde_json::Error },
    /// The journal of an attempt to create a dock is not valid.
    #[error(
        "{} is not a valid journal: {}; remove the file, and find what the attempt has made with `gc-docks`",
        file.display(), printable(&fault.to_string())
    )]
    Journal { file: PathBuf, fault: JournalFault },
    /// Another process works on an attempt to create a dock.
    #[error("another create-dock is creating `{moniker}` now: wait until it ends")]
    LiveAttempt { moniker: Moniker },
    /// The system refused an operation on a file or folder.
    #[error("{} cannot be {action}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

/// A mistake in a line of a record.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The line is not of the form `KEY=VALUE`.
    #[error("this is not KEY=VALUE")]
    NoPair,
    /// The line is not UTF-8.
    #[error("this is not text in UTF-8")]
    NoText,
    /// The key occurs on an earlier line.
    #[error("{key} is already set on line {first}")]
    Twice { key: String, first: usize },
    /// The value does not have the key's form.
    #[error("{key}: {invalid}")]
    Value { key: &'static str, invalid: Invalid },
    /// The address is not that of the folder.
    #[error("DOCK_IP is `{address}`, but the folder is that of another dock")]
    OtherFolder { address: Address },
}

fn unknown(name: &str, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("there is no dock `{name}`{hint}"),
        None => format!("there is no dock `{name}`: `register-dock ADDRESS MONIKER` registers one"),
    }
}

/// Returns the name of the folder that contains a record.
pub(crate) fn folder(record: &Path) -> String {
    let folder = record.parent().and_then(Path::file_name).unwrap_or_default();
    folder.to_string_lossy().into_owned()
}

impl Error {
    /// Returns the file that could not be read, if the error is about one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Error::Record { file, .. } | Error::Io { path: file, .. } => Some(file),
            _ => None,
        }
    }

    /// Returns what `map_err` needs after an operation on a file: `action` completes "… cannot be …".
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { action, path: path.to_owned(), source }
    }
}
