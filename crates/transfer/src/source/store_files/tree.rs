//! Opens files below a folder by names from an image, without following any link, so nothing outside is ever read.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Error, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

/// A folder.
pub(super) struct Tree {
    root: OwnedFd,
    /// The folder of the last file. An archive lists its files folder by folder, so the next file is often in the same.
    last: Option<(Vec<u8>, OwnedFd)>,
}

impl Tree {
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        Ok(Tree { root: OwnedFd::from(File::open(root)?), last: None })
    }

    /// Opens the file of this name, which must have this size.
    pub(super) fn open_file(&mut self, name: &[u8], size: u64) -> io::Result<File> {
        let end = name.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        let (folder, file) = name.split_at(end);
        let file = component(file)?.ok_or(ErrorKind::InvalidInput)?;
        // Opening a pipe in the file's place would otherwise wait for its other end.
        let file = File::from(open_at(self.folder(folder)?, file, OFlag::O_NONBLOCK)?);
        let found = file.metadata()?;
        if found.is_file() && found.len() == size { Ok(file) } else { Err(ErrorKind::InvalidData.into()) }
    }

    fn folder(&mut self, name: &[u8]) -> io::Result<&OwnedFd> {
        if self.last.as_ref().is_none_or(|(last, _)| last != name) {
            let mut folder = self.root.try_clone()?;
            for word in name.split(|byte| *byte == b'/') {
                if let Some(word) = component(word)? {
                    folder = open_at(&folder, word, OFlag::O_DIRECTORY)?;
                }
            }
            self.last = Some((name.to_owned(), folder));
        }
        Ok(self.last.as_ref().map_or(&self.root, |(_, folder)| folder))
    }
}

/// Checks a component of a path. `None` for a component that leads to the same folder.
fn component(word: &[u8]) -> io::Result<Option<&OsStr>> {
    match word {
        b"" | b"." => Ok(None),
        b".." => Err(Error::from(ErrorKind::InvalidInput)),
        word => Ok(Some(OsStr::from_bytes(word))),
    }
}

fn open_at(folder: &OwnedFd, name: &OsStr, flags: OFlag) -> io::Result<OwnedFd> {
    let flags = flags | OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    Ok(openat(folder, name, flags, Mode::empty())?)
}
