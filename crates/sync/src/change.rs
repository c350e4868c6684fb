//! Which side of each path has changed since both were last equal.

use std::path::{Path, PathBuf};

use crate::listing::{Item, Kind};
use crate::version::Version;

/// How a path differs between this machine and the dock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is new or changed locally, and unchanged or missing on the dock.
    Local,
    /// It was deleted locally and is unchanged on the dock.
    DeletedLocally,
    /// It is new or changed on the dock, and unchanged or missing locally.
    Remote,
    /// It changed on both sides.
    Both,
    /// Both sides have the same contents, with different times.
    SameContents,
    /// A local folder, or something that is not sent, is in the place of a file or link on the dock.
    RemoteFile,
    /// A local file or link is in the place of a folder on the dock.
    RemoteFolder,
}

/// A path that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) path: PathBuf,
    pub(crate) change: Change,
    /// What the dock has; `None` if nothing.
    pub(crate) remote: Option<Item>,
}

/// What is at a path locally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Local<'a> {
    Absent,
    Version(&'a Version),
    /// A folder, or a socket, pipe or device.
    Other,
    /// Nothing, because a file or link that changed is in the place of a folder above it.
    BelowFile,
}

/// The result of a comparison by times and sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Equal,
    /// It is unchanged on the dock, and a folder has taken its place locally.
    Replaced,
    Differs(Change),
    /// The contents decide between equal and changed on both sides.
    CompareContents,
    /// The time on the dock differs from that of the last sync by less than a second: another program changed the file, or a
    /// file system rounds times.
    SameSecond,
}

/// Whether the dock's file is as after the last sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Same,
    SameSecond,
    Changed,
}

/// Compares an item on the dock with the local path. `base` is the version of the last sync; the item was compared with
/// it, or with the local file if that is unchanged or there is no base.
pub(crate) fn judge(item: &Item, local: Local, base: Option<&Version>) -> Verdict {
    if let Local::Version(version) = local
        && is_equal(item, version, base)
    {
        return Verdict::Equal;
    }
    match (since(item, base), local) {
        (Since::Same, Local::Version(_)) => Verdict::Differs(Change::Local),
        (Since::Same, Local::Other) => Verdict::Replaced,
        (Since::Same, Local::Absent | Local::BelowFile) => Verdict::Differs(Change::DeletedLocally),
        (_, Local::Other | Local::BelowFile) => Verdict::Differs(Change::RemoteFile),
        (Since::SameSecond, _) => Verdict::SameSecond,
        (Since::Changed, Local::Absent) => Verdict::Differs(Change::Remote),
        (Since::Changed, Local::Version(version)) if Some(version) == base => {
            Verdict::Differs(Change::Remote)
        }
        (Since::Changed, Local::Version(_)) => Verdict::CompareContents,
    }
}

/// Returns whether an item has the size and, in whole seconds, the time of a version, or the same target.
pub(crate) fn matches(item: &Item, version: &Version) -> bool {
    match version {
        Version::File(stamp) => item.size == stamp.size && item.time == stamp.rsync_time(),
        Version::Link(target) => item.target.as_ref() == Some(target),
    }
}

/// Returns whether an item certainly equals the local version.
fn is_equal(item: &Item, local: &Version, base: Option<&Version>) -> bool {
    match local {
        Version::File(_) => item.kind == Kind::File && item.is_same && base.is_none_or(|base| base == local),
        Version::Link(_) => item.kind == Kind::Link && matches(item, local),
    }
}

fn since(item: &Item, base: Option<&Version>) -> Since {
    match base {
        Some(base @ Version::File(_)) if matches(item, base) => match item.kind {
            Kind::File if item.is_same => Since::Same,
            Kind::File => Since::SameSecond,
            // Earlier releases recorded the time and size of a link instead of its target.
            _ => Since::Same,
        },
        Some(base @ Version::Link(_)) if matches(item, base) => Since::Same,
        _ => Since::Changed,
    }
}

/// Returns whether any folder above `path` fulfils the condition.
pub(crate) fn any_folder_above(path: &Path, condition: impl Fn(&Path) -> bool) -> bool {
    path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).any(condition)
}
