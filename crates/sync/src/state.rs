//! What files were like when they were last the same here and on the dock, kept from one sync to the next.
//!
//! Kept is what was last known: without it nothing is lost, but more is asked. A name that is no UTF-8 is not kept.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::{Error, file};

/// A file's time and size, by which rsync, too, knows a changed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, i64, u64)", into = "(i64, i64, u64)")]
pub struct Stamp {
    /// When it was last changed: seconds since 1970.
    pub seconds: i64,
    /// The rest of that second.
    pub nanoseconds: i64,
    /// How many bytes it has; those of its target's name, if it is a link.
    pub size: u64,
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
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Stamp { seconds: metadata.mtime(), nanoseconds: metadata.mtime_nsec(), size: metadata.len() }
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

    /// Keeps it, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let bytes = serde_json::to_vec(self).map_err(|error| Error::io("written", path)(error.into()))?;
        file::replace(path, &bytes)
    }

    pub(crate) fn get(&self, path: &Path) -> Option<&Stamp> {
        self.files.get(path.to_str()?)
    }

    pub(crate) fn set(&mut self, path: &Path, stamp: Stamp) {
        if let Some(path) = path.to_str() {
            self.files.insert(path.to_owned(), stamp);
        }
    }
}
