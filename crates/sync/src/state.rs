//! The state of the last sync: the stamps that files had when they were last equal on this machine and on the dock.
//!
//! It decides which side has changed since. Without it no work is lost, but every difference counts as a conflict.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use nix::sys::stat::FileStat;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::fs_clock::modified_at;

/// The modification time and the size of a file, by which rsync, too, recognizes a changed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, i64, u64)", into = "(i64, i64, u64)")]
pub(crate) struct Stamp {
    seconds: i64,
    nanoseconds: i64,
    /// The size in bytes; for a symbolic link, that of the target's name.
    pub(crate) size: u64,
}

/// The stamps that the files of one project had when they were last equal on this machine and on one dock.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The project's folder. Two projects of one name share the state file, but not the state.
    root: PathBuf,
    files: BTreeMap<String, Stamp>,
}

impl Stamp {
    /// Returns the stamp of a file, or of a symbolic link itself.
    pub(crate) fn of(stat: &FileStat) -> Self {
        let (seconds, nanoseconds) = modified_at(stat);
        Stamp { seconds, nanoseconds, size: stat.st_size.try_into().unwrap_or_default() }
    }

    /// Returns the time in rsync's own format, in UTC: `2026/11/21-10:00:00`.
    pub(crate) fn rsync_time(&self) -> String {
        let time = DateTime::from_timestamp(self.seconds, 0);
        time.map(|time| time.format("%Y/%m/%d-%H:%M:%S").to_string()).unwrap_or_default()
    }
}

impl From<(i64, i64, u64)> for Stamp {
    fn from((seconds, nanoseconds, size): (i64, i64, u64)) -> Self {
        Stamp { seconds, nanoseconds, size }
    }
}

impl From<Stamp> for (i64, i64, u64) {
    fn from(stamp: Stamp) -> Self {
        (stamp.seconds, stamp.nanoseconds, stamp.size)
    }
}

impl State {
    /// Returns the state of a project that was never synced.
    pub(crate) fn empty(root: &Path) -> Self {
        State { root: root.to_owned(), files: BTreeMap::new() }
    }

    /// Reads the state of the project at `root`; it is empty if the file does not exist, is broken, or belongs to
    /// another folder.
    pub(crate) fn read(path: &Path, root: &Path) -> Result<Self, Error> {
        let bytes = match dockerutils_file::read_at_most(path, dockerutils_file::MAX_LIST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::empty(root)),
            read => read.map_err(Error::io("read", path))?,
        };
        // A broken file need not be an error: with an empty state, every difference is a conflict, and no work is lost.
        let state: State = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(if state.root == root { state } else { State::empty(root) })
    }

    /// Encodes the state for the file at `path`.
    pub(crate) fn to_bytes(&self, path: &Path) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|error| Error::io("write", path)(error.into()))
    }

    /// Returns the stamp that `path` had when it was last equal on both sides.
    pub(crate) fn get(&self, path: &Path) -> Option<&Stamp> {
        self.files.get(path.to_str()?)
    }

    /// Sets the stamp of a file that is now equal on both sides.
    pub(crate) fn set(&mut self, path: &Path, stamp: Stamp) {
        // JSON cannot hold a name that is not UTF-8. Such a file counts as never synced, which loses nothing.
        let Some(path) = path.to_str() else { return };
        match self.files.get_mut(path) {
            Some(known) => *known = stamp,
            None => drop(self.files.insert(path.to_owned(), stamp)),
        }
    }

    /// Removes all files but these.
    pub(crate) fn retain(&mut self, paths: &[PathBuf]) {
        let retained: HashSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
        self.files.retain(|path, _| retained.contains(Path::new(path)));
    }
}
