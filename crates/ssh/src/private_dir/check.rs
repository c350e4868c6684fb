//! Opening a private folder: not through a link, and only if no other user can use or exchange it.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{FchmodatFlags, FileStat, Mode, SFlag, fchmodat, fstat, fstatat, mkdirat};
use nix::unistd::geteuid;

use crate::{Error, Result};

/// The mode bits of group and others. An access list that names other users shows in the bits of the group.
const OTHERS: u32 = 0o077;
/// The bits that let group and others write.
const OTHERS_WRITE: u32 = 0o022;
/// In a folder with this bit, a file can be renamed and removed by its owner only.
const STICKY: u32 = 0o1000;

/// Opens the folder above a private one. It may be a link, as `/tmp` is on macOS: only root could have made that link.
pub(super) fn open_parent(path: &Path) -> Result<OwnedFd> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let dir = open(parent, flags, Mode::empty()).map_err(Error::io("opened", parent))?;
    match fstat(&dir) {
        Ok(found) if is_safe_parent(&found) => Ok(dir),
        _ => Err(Error::UnsafeParent(parent.to_owned())),
    }
}

/// Returns whether a folder belongs to this user or to root, and others cannot exchange what lies in it.
pub(crate) fn is_safe_parent(found: &FileStat) -> bool {
    let is_trusted = found.st_uid == 0 || is_ours(found);
    is_trusted && (mode(found) & OTHERS_WRITE == 0 || mode(found) & STICKY != 0)
}

pub(crate) fn is_ours(found: &FileStat) -> bool {
    found.st_uid == geteuid().as_raw()
}

pub(super) fn open_below(parent: &impl AsFd, path: &Path) -> Result<Option<OwnedFd>> {
    let name = path.file_name().unwrap_or_default();
    let dir = match open_folder(parent, name) {
        Err(Errno::EACCES) if repair(parent, name) => open_folder(parent, name),
        opened => opened,
    };
    let dir = match dir {
        Ok(dir) => dir,
        Err(Errno::ENOENT) => return Ok(None),
        // Linux returns ENOTDIR for a link, macOS ELOOP; EACCES is another user's folder.
        Err(Errno::ENOTDIR | Errno::ELOOP | Errno::EACCES) => return Err(Error::NotPrivate(path.to_owned())),
        Err(errno) => return Err(Error::io("opened", path)(errno)),
    };
    match fstat(&dir) {
        // The opened folder is checked, not the path: the path could lead to another folder by now.
        Ok(found) if is_ours(&found) && mode(&found) & OTHERS == 0 => Ok(Some(dir)),
        _ => Err(Error::NotPrivate(path.to_owned())),
    }
}

fn open_folder(parent: &impl AsFd, name: &OsStr) -> nix::Result<OwnedFd> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// Gives the owner's permissions back to a folder of this user's that lacks them, as one does that was created under a
/// umask of 0777. Returns whether that was done.
fn repair(parent: &impl AsFd, name: &OsStr) -> bool {
    let Ok(found) = fstatat(parent, name, AtFlags::AT_SYMLINK_NOFOLLOW) else { return false };
    let is_locked = kind(&found) == SFlag::S_IFDIR && is_ours(&found) && mode(&found) & 0o700 != 0o700;
    // In a safe parent only this user can exchange the folder, so a link cannot take its place meanwhile.
    is_locked && fchmodat(parent, name, Mode::S_IRWXU, FchmodatFlags::FollowSymlink).is_ok()
}

pub(super) fn create_below(parent: &impl AsFd, path: &Path) -> Result<OwnedFd> {
    let name = path.file_name().unwrap_or_default();
    loop {
        // The mode is set at creation. A later chmod would leave a moment in which others can open the folder.
        match mkdirat(parent, name, Mode::S_IRWXU) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(Error::io("created", path)(errno)),
        }
        // If another process has removed the folder in between, it is created again.
        if let Some(dir) = open_below(parent, path)? {
            return Ok(dir);
        }
    }
}

#[cfg_attr(target_os = "linux", expect(clippy::unnecessary_cast, reason = "16 bits on macOS"))]
fn mode(found: &FileStat) -> u32 {
    found.st_mode as u32
}

pub(super) fn kind(found: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT
}

pub(super) fn is_same(one: &FileStat, other: &FileStat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}
