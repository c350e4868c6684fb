//! Why an engine, a dock or a stand-in for AWS cannot be had.

use std::path::PathBuf;
use std::{fmt, io};

use crate::version::Version;

/// Why an engine or a dock cannot be had here.
#[derive(thiserror::Error)]
pub enum Unavailable {
    /// Namespaces, mounts and a bridge need it.
    #[error("private engines and docks need root")]
    NotRoot,
    /// It is neither installed nor unpacked.
    #[error("{0} is missing: scripts/setup.sh test")]
    Missing(PathBuf),
    /// Another version is installed.
    #[error("this machine has {found}, not Docker {wanted}")]
    OtherVersion {
        /// The version that was asked for.
        wanted: Version,
        /// What the daemon says it is.
        found: String,
    },
    /// It was started and did not answer.
    #[error("it did not come up:\n{0}")]
    Failed(String),
    /// The system refused something on the way.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The message: tests `expect` an engine, and a panic shows the reason by `Debug`.
impl fmt::Debug for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
