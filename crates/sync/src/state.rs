//! What files were like when they were last the same here and on the dock, kept from one sync to the next.
//!
//! Kept is what was last known: without it nothing is lost, but more is asked. A name that is no UTF-8 is not kept.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use nix::sys::stat::FileStat;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::clock::modified;

/// A file's time and size, by which rsync, too, knows a changed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, i64, u64)", into = "(i64, i64, u64)")]
pub(crate) struct Stamp {
    /// When it was last changed: seconds since 1970.
    seconds: i64,
    /// The rest of that second.
    nanoseconds: i64,
    /// How many bytes it has; those of its target's name, if it is a link.
    pub(crate) size: u64,
}

/// The files of one project on one dock, as they were when they were last the same on both sides.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The project's folder here: another folder of the same name has another past.
    root: PathBuf,
    files: BTreeMap<String, Stamp>,
}

impl Stamp {
    /// Of a file or link, the link itself being meant.
    pub(crate) fn of(stat: &FileStat) -> Self {
        let (seconds, nanoseconds) = modified(stat);
        Stamp { seconds, nanoseconds, size: stat.st_size.try_into().unwrap_or_default() }
    }

    /// Its time as rsync writes it, in UTC.
    pub(crate) fn time(&self) -> String {
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
    /// Of a project that was never synced.
    pub(crate) fn of(root: &Path) -> Self {
        State { root: root.to_owned(), files: BTreeMap::new() }
    }

    /// What was kept for the project at `root`; nothing where it is another's, or cannot be understood.
    pub(crate) fn read(path: &Path, root: &Path) -> Result<Self, Error> {
        let kept = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::of(root)),
            read => read.map_err(Error::io("read", path))?,
        };
        let state: State = serde_json::from_slice(&kept).unwrap_or_default();
        Ok(if state.root == root { state } else { State::of(root) })
    }

    /// As it is kept, at this path.
    pub(crate) fn to_bytes(&self, path: &Path) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|error| Error::io("written", path)(error.into()))
    }

    pub(crate) fn get(&self, path: &Path) -> Option<&Stamp> {
        self.files.get(path.to_str()?)
    }

    pub(crate) fn set(&mut self, path: &Path, stamp: Stamp) {
        let Some(path) = path.to_str() else { return };
        match self.files.get_mut(path) {
            Some(known) => *known = stamp,
            None => drop(self.files.insert(path.to_owned(), stamp)),
        }
    }

    pub(crate) fn forget_all_but(&mut self, paths: &[PathBuf]) {
        let kept: HashSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
        self.files.retain(|path, _| kept.contains(Path::new(path)));
    }
}
