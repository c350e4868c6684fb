//! The errors of a transfer as a whole.

use std::io;
use std::path::PathBuf;

use crate::{remote, source};

/// Why images were not transferred.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The images could not be read from the local engine or from a bundle.
    #[error("{0}")]
    Source(#[from] source::Error),
    /// The engine of a host failed.
    #[error("{0}")]
    Remote(#[from] remote::Error),
    /// The process received a signal to stop.
    #[error("{0}")]
    Command(#[from] dockerutils_command::Error),
    /// Zstd is required, and the host cannot unpack it.
    #[error("{host} cannot unpack zstd: install `zstd` there, or leave out --compress")]
    NoZstd { host: String },
    /// A thread could not be started, or has panicked.
    #[error("the system refused a thread: {0}")]
    Threads(#[source] io::Error),
    /// A bundle cannot be written.
    #[error("{name} cannot be written: {source}")]
    BundleNotWritten { name: String, source: io::Error },
    /// The inventory of a site cannot be read.
    #[error("{} cannot be read: {source} (`transfer-image --inventory` prints such a list)", path.display())]
    InventoryUnreadable { path: PathBuf, source: io::Error },
    /// A bundle leaves out layers that the local engine does not have.
    #[error(
        "{name} leaves out {missing} layers that the local engine does not have: create it again with the output of `transfer-image --inventory` from this machine"
    )]
    BundleLacksLayers { name: String, missing: usize },
}

/// The result of an operation of a transfer.
pub type Result<T = ()> = std::result::Result<T, Error>;
