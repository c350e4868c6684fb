//! The version of a file or symbolic link: what has to differ for it to count as changed.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use nix::sys::stat::{FileStat, SFlag};
use serde::{Deserialize, Serialize};

use crate::file_name;
use crate::fs_clock::modified_at;

/// A version of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Encoded", into = "Encoded")]
pub(crate) enum Version {
    /// A regular file.
    File(Stamp),
    /// A symbolic link to this target.
    Link(PathBuf),
}

/// The modification time and the size of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: i64,
    /// The size in bytes.
    pub(crate) size: u64,
}

/// A version in the state file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Encoded {
    File(i64, i64, u64),
    Link(String),
}

impl Version {
    /// Returns the version of the file or link at `path`; `None` if it has vanished.
    pub(crate) fn of(path: &Path, stat: &FileStat) -> Option<Self> {
        let kind = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
        match kind {
            SFlag::S_IFREG => Some(Version::File(Stamp::of(stat))),
            SFlag::S_IFLNK => fs::read_link(path).ok().map(Version::Link),
            _ => None,
        }
    }

    /// Returns the time and size of a file; `None` for a link.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        match self {
            Version::File(stamp) => Some(*stamp),
            Version::Link(_) => None,
        }
    }

    /// Returns the size in bytes; 0 for a link.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Version::File(stamp) => stamp.size,
            Version::Link(_) => 0,
        }
    }
}

impl Stamp {
    /// Returns the stamp of a file.
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

impl From<Encoded> for Version {
    fn from(encoded: Encoded) -> Self {
        match encoded {
            Encoded::File(seconds, nanoseconds, size) => {
                Version::File(Stamp::from((seconds, nanoseconds, size)))
            }
            Encoded::Link(target) => Version::Link(file_name::from_text(&target)),
        }
    }
}

impl From<Version> for Encoded {
    fn from(version: Version) -> Self {
        match version {
            Version::File(stamp) => Encoded::File(stamp.seconds, stamp.nanoseconds, stamp.size),
            Version::Link(target) => Encoded::Link(file_name::to_text(&target).into_owned()),
        }
    }
}
