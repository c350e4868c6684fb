//! Why this machine cannot have an engine, a dock or a stand-in for AWS.

use std::path::PathBuf;
use std::{fmt, io};

/// Why this machine cannot have an engine, a dock or a stand-in for AWS.
#[derive(thiserror::Error)]
pub enum Unavailable {
    /// Namespaces, mounts and a bridge need root.
    #[error("private engines and docks need root")]
    NotRoot,
    /// A program is neither installed nor unpacked.
    #[error("{0} is missing: `scripts/setup.sh test` installs it")]
    Missing(PathBuf),
    /// Another version of docker is installed.
    #[error("this machine has {found}, not Docker {wanted}")]
    OtherVersion {
        /// The version that the test needs.
        wanted: String,
        /// The output of `dockerd --version`.
        found: String,
    },
    /// It was started, and ended or did not accept connections.
    #[error("it did not start:\n{0}")]
    Failed(String),
    /// A file or a process could not be created.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The message: tests `expect` an engine, and a panic shows the reason by `Debug`.
impl fmt::Debug for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
