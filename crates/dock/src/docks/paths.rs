//! Where the files of the docks are.

use std::fs;
use std::path::PathBuf;

use super::{Docks, KNOWN_HOSTS, SYNC};
use crate::{Dock, Identity};

/// The name of the folder, beside those of the docks, for files that sync-down has overwritten.
const SYNC_BACKUP: &str = "sync-backup";

impl Docks {
    /// Returns the folder that holds the dock's files.
    pub fn folder(&self, dock: &Dock) -> PathBuf {
        self.folder.join(dock.address.as_str())
    }

    /// Returns the file of the dock's known host keys.
    pub fn known_hosts(&self, dock: &Dock) -> PathBuf {
        self.folder(dock).join(KNOWN_HOSTS)
    }

    /// Returns the folder in which sync-up and sync-down keep their state.
    pub fn sync_folder(&self, dock: &Dock) -> PathBuf {
        self.folder(dock).join(SYNC)
    }

    /// Returns the folder in which sync-down keeps the local files that `--force` overwrites. It outlives the docks.
    pub fn sync_backup_folder(&self) -> PathBuf {
        self.folder.join(SYNC_BACKUP)
    }

    /// Returns whether a host key of the dock is known.
    pub fn has_known_host_key(&self, dock: &Dock) -> bool {
        fs::metadata(self.known_hosts(dock)).is_ok_and(|file| file.len() > 0)
    }

    /// Returns the path of an identity, with `~/` replaced by this user's home folder.
    pub fn identity_path(&self, identity: &Identity) -> PathBuf {
        let identity = identity.as_str();
        identity.strip_prefix("~/").map_or_else(|| identity.into(), |below| self.home.join(below))
    }
}
