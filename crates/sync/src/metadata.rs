//! Reads the metadata of many files, folder by folder.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open};
use nix::sys::stat::{FileStat, Mode, fstatat};

use crate::Error;

/// Returns the current metadata of the files below `root` that still exist. Symbolic links are not followed.
///
/// # Errors
/// An item is an error if the system refuses to read its metadata.
pub(crate) fn stat_files<'a>(
    root: &Path,
    paths: &'a [PathBuf],
) -> impl Iterator<Item = Result<(&'a Path, FileStat), Error>> {
    let mut last: Option<(&Path, OwnedFd)> = None;
    paths.iter().filter_map(move |path| {
        let found = stat_in_folder(root, path, &mut last);
        match found {
            Ok(found) => Some(Ok((path.as_path(), found))),
            Err(Errno::ENOENT | Errno::ENOTDIR) => None,
            Err(errno) => Some(Err(Error::io("read", &root.join(path))(io::Error::from(errno)))),
        }
    })
}

/// Reads the metadata of `path` through its open folder, which is kept for the next file.
fn stat_in_folder<'a>(
    root: &Path,
    path: &'a Path,
    last: &mut Option<(&'a Path, OwnedFd)>,
) -> nix::Result<FileStat> {
    // The paths come in the order of a walk, so that one open folder serves all of its files: looking up a name in an
    // open folder is faster than resolving every part of a long path again.
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
