//! A folder that only this user can use, reached through a descriptor.
//!
//! Sockets, locks and links of a connection lie in a folder with a predictable name. If another user could create that
//! folder first, or write to it, ssh would hand that user's socket every command and file, and a link in it would make
//! us write to, empty or remove a file of this user's. So a [`PrivateDir`] exists only after the folder has been opened
//! without following a link and its owner and mode have been checked, and whatever is done in it is done relative to
//! that descriptor: the folder cannot be exchanged between the check and the use, and a link in it is never followed.

pub(crate) mod check;

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, Flock, FlockArg, OFlag, openat, readlinkat};
use nix::sys::stat::{Mode, SFlag, fstat, fstatat, lstat};
use nix::unistd::{UnlinkatFlags, symlinkat, unlinkat};

use self::check::{create_below, is_same, kind, open_below, open_parent};
use crate::{Error, Result};

/// The largest file that is read; ours hold a few bytes.
const MAX_FILE: u64 = 4096;

/// A checked folder of this user's: owner and mode are right, and it is not a link. Clones share one descriptor.
#[derive(Debug, Clone)]
pub struct PrivateDir {
    path: PathBuf,
    dir: Arc<OwnedFd>,
}

/// An exclusive lock on a folder, which ends when the value is dropped.
#[derive(Debug)]
pub struct FolderLock {
    _lock: Flock<OwnedFd>,
}

impl PrivateDir {
    /// Opens the folder at this path; `None` if it does not exist.
    ///
    /// # Errors
    /// Returns [`Error::NotPrivate`] if it is a link, is not a folder, belongs to another user or can be used by others,
    /// and [`Error::UnsafeParent`] if others could put another folder in its place.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        match open_parent(path) {
            Ok(parent) => Ok(open_below(&parent, path)?.map(|dir| PrivateDir::new(path, dir))),
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens the folder at this path, and creates it if it does not exist. The folder above it must exist.
    ///
    /// # Errors
    /// Fails as [`open`](Self::open) does, or if the folder cannot be created.
    pub fn create(path: &Path) -> Result<Self> {
        Ok(PrivateDir::new(path, create_below(&open_parent(path)?, path)?))
    }

    /// Opens a folder in this one; `None` if it does not exist.
    ///
    /// # Errors
    /// Returns [`Error::NotPrivate`] if it is a link, is not a folder or can be used by others.
    pub fn subfolder(&self, name: &str) -> Result<Option<Self>> {
        let path = self.path.join(name);
        Ok(open_below(&self.dir, &path)?.map(|dir| PrivateDir::new(&path, dir)))
    }

    /// Opens a folder in this one, and creates it if it does not exist.
    ///
    /// # Errors
    /// Fails as [`subfolder`](Self::subfolder) does, or if the folder cannot be created.
    pub fn create_subfolder(&self, name: &str) -> Result<Self> {
        let path = self.path.join(name);
        Ok(PrivateDir::new(&path, create_below(&self.dir, &path)?))
    }

    /// Returns the folder's path. Programs that are handed a path in it (ssh, docker) can rely on the check, because
    /// only this user can exchange the folder or write to it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether this folder is still the one at its path: another process may have removed it.
    pub fn is_in_place(&self) -> bool {
        matches!((fstat(&*self.dir), lstat(&self.path)), (Ok(open), Ok(found)) if is_same(&open, &found))
    }

    /// Waits for the exclusive lock of this folder.
    ///
    /// # Errors
    /// Fails if the system refuses the lock.
    pub fn lock(&self) -> Result<FolderLock> {
        // A lock belongs to an open file description: each lock needs one of its own, or clones would share it.
        let dir = self.open_at(".", OFlag::O_RDONLY | OFlag::O_DIRECTORY, Mode::empty());
        let dir = dir.map_err(Error::io("locked", &self.path))?;
        match Flock::lock(dir, FlockArg::LockExclusive) {
            Ok(lock) => Ok(FolderLock { _lock: lock }),
            Err((_, errno)) => Err(Error::io("locked", &self.path)(errno)),
        }
    }

    /// Opens a regular file for reading and writing, and creates it if it does not exist. It is not emptied.
    ///
    /// # Errors
    /// Returns [`Error::Foreign`] if the name is that of a link or of anything else that is not a regular file.
    pub fn create_file(&self, name: &str) -> Result<File> {
        self.open_file(name, OFlag::O_RDWR | OFlag::O_CREAT)
    }

    /// Replaces a regular file's contents.
    ///
    /// # Errors
    /// Fails as [`create_file`](Self::create_file) does, or if the file cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result {
        let mut file = self.create_file(name)?;
        let write = file.set_len(0).and_then(|()| file.write_all(text.as_bytes()));
        write.map_err(Error::io("written", &self.path.join(name)))
    }

    /// Returns a regular file's text; `None` if the file does not exist.
    ///
    /// # Errors
    /// Fails as [`create_file`](Self::create_file) does, or if the file cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<String>> {
        let file = match self.open_file(name, OFlag::O_RDONLY) {
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut text = String::new();
        // A file that has grown beyond all bounds must not fill our memory.
        let read = file.take(MAX_FILE).read_to_string(&mut text);
        read.map(|_| Some(text)).map_err(Error::io("read", &self.path.join(name)))
    }

    /// Returns whether an open file is still the one with this name.
    pub fn holds(&self, file: &File, name: &str) -> bool {
        let found = fstatat(&*self.dir, name, AtFlags::AT_SYMLINK_NOFOLLOW);
        matches!((fstat(file), found), (Ok(open), Ok(found)) if is_same(&open, &found))
    }

    /// Returns the number that tells a file, socket or link from others that have had this name; `None` if there is none.
    pub fn inode(&self, name: &str) -> Option<u64> {
        let found = fstatat(&*self.dir, name, AtFlags::AT_SYMLINK_NOFOLLOW);
        found.ok().map(|found| found.st_ino)
    }

    /// Returns whether the name is that of a socket, and not of a link to one.
    pub fn has_socket(&self, name: &str) -> bool {
        let found = fstatat(&*self.dir, name, AtFlags::AT_SYMLINK_NOFOLLOW);
        found.is_ok_and(|found| kind(&found) == SFlag::S_IFSOCK)
    }

    /// Returns the names in this folder; those that are not UTF-8 are left out, because all of ours are.
    ///
    /// # Errors
    /// Fails if the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        // Opened anew, because the position of a listing belongs to the open file description, which clones share.
        let dir = Dir::openat(&*self.dir, ".", flags, Mode::empty());
        let mut names = Vec::new();
        for entry in dir.map_err(Error::io("read", &self.path))? {
            let entry = entry.map_err(Error::io("read", &self.path))?;
            if let Ok(name) = entry.file_name().to_str()
                && !matches!(name, "." | "..")
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Returns where a link leads; `None` if the name is not that of a link.
    pub fn read_link(&self, name: &str) -> Option<PathBuf> {
        readlinkat(&*self.dir, name).ok().map(PathBuf::from)
    }

    /// Creates a link, in place of what has this name.
    ///
    /// # Errors
    /// Fails if the system refuses.
    pub fn link(&self, target: &Path, name: &str) -> Result {
        self.remove(name)?;
        symlinkat(target, &*self.dir, name).map_err(Error::io("created", &self.path.join(name)))
    }

    /// Removes a file, socket or link, never what a link leads to. A name that does not exist is not an error.
    ///
    /// # Errors
    /// Fails if the system refuses.
    pub fn remove(&self, name: &str) -> Result {
        self.unlink(name, UnlinkatFlags::NoRemoveDir)
    }

    /// Removes an empty folder in this one. A name that does not exist is not an error.
    ///
    /// # Errors
    /// Fails if the folder is not empty, is not a folder, or the system refuses.
    pub fn remove_subfolder(&self, name: &str) -> Result {
        self.unlink(name, UnlinkatFlags::RemoveDir)
    }

    /// Creates the value for a folder that was opened and checked at this path.
    fn new(path: &Path, dir: OwnedFd) -> Self {
        PrivateDir { path: path.to_owned(), dir: Arc::new(dir) }
    }

    fn unlink(&self, name: &str, flag: UnlinkatFlags) -> Result {
        match unlinkat(&*self.dir, name, flag) {
            Err(errno) if errno != Errno::ENOENT => Err(Error::io("removed", &self.path.join(name))(errno)),
            _ => Ok(()),
        }
    }

    fn open_file(&self, name: &str, flags: OFlag) -> Result<File> {
        let path = self.path.join(name);
        // O_NONBLOCK: opening a FIFO in place of the file must not wait for another process.
        let file = match self.open_at(name, flags | OFlag::O_NONBLOCK, Mode::from_bits_truncate(0o600)) {
            // ELOOP is a link and EISDIR a folder. A socket is ENXIO on Linux and EOPNOTSUPP on macOS.
            Err(Errno::ELOOP | Errno::EISDIR | Errno::ENXIO | Errno::EOPNOTSUPP) => {
                return Err(Error::Foreign { path });
            }
            file => file.map_err(Error::io("opened", &path))?,
        };
        match fstat(&file) {
            Ok(found) if kind(&found) == SFlag::S_IFREG => Ok(file.into()),
            _ => Err(Error::Foreign { path }),
        }
    }

    fn open_at(&self, name: &str, flags: OFlag, mode: Mode) -> nix::Result<OwnedFd> {
        // O_CLOEXEC: ssh and docker, which we start or become, must not inherit our locks.
        openat(&*self.dir, name, flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, mode)
    }
}
