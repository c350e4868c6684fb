//! What the system knows of files: sizes and times, asked folder by folder. A name in an open folder is found
//! sooner than a path.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open};
use nix::sys::stat::{FileStat, Mode, fstatat};

use crate::Error;

/// Files below `root` as they are now, links themselves being meant, without those that are gone.
///
/// # Errors
/// One cannot be asked.
pub(crate) fn stat<'a>(
    root: &Path,
    paths: &'a [PathBuf],
) -> impl Iterator<Item = Result<(&'a Path, FileStat), Error>> {
    let mut last: Option<(&Path, OwnedFd)> = None;
    paths.iter().filter_map(move |path| {
        let found = ask(root, path, &mut last);
        match found {
            Ok(found) => Some(Ok((path.as_path(), found))),
            Err(Errno::ENOENT | Errno::ENOTDIR) => None,
            Err(errno) => Some(Err(Error::io("read", &root.join(path))(io::Error::from(errno)))),
        }
    })
}

/// Asks in the folder that was opened last, or opens the one that is needed.
fn ask<'a>(root: &Path, path: &'a Path, last: &mut Option<(&'a Path, OwnedFd)>) -> nix::Result<FileStat> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let opened = match last.take().filter(|(opened, _)| *opened == folder) {
        Some((_, opened)) => opened,
        None => {
            open(&root.join(folder), OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?
        }
    };
    let (_, opened) = last.insert((folder, opened));
    fstatat(opened, path.file_name().unwrap_or(OsStr::new(".")), AtFlags::AT_SYMLINK_NOFOLLOW)
}
