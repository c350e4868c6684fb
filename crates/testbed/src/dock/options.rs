//! The settings of a dock.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use crate::version::Version;

/// The options from which a dock is made.
#[derive(Debug)]
pub(super) struct Options {
    /// Its host name.
    pub(super) name: String,
    pub(super) version: Version,
    /// Lines of its sshd_config.
    pub(super) sshd_options: Vec<String>,
    /// Programs of this machine that it does not have.
    pub(super) hidden: Vec<String>,
    /// The megabytes of the disk of its engine; `None` if the engine uses the file system of this machine.
    pub(super) disk: Option<u64>,
    /// Its address; `None` for any that is free.
    pub(super) address: Option<Ipv4Addr>,
    /// The folder of its root file system that outlives it; `None` if the root ends with the dock.
    pub(super) kept_root: Option<PathBuf>,
    /// A shell script that runs on it before its link is up.
    pub(super) boot_script: Option<String>,
}

impl Options {
    pub(super) fn new(name: &str, version: Version) -> Self {
        let name = name.to_owned();
        Options {
            name,
            version,
            sshd_options: Vec::new(),
            hidden: Vec::new(),
            disk: None,
            address: None,
            kept_root: None,
            boot_script: None,
        }
    }
}
