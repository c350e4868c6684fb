//! Files that are replaced atomically, and the lock that serializes writers.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};
use nix::unistd::geteuid;
use tempfile::NamedTempFile;

use crate::{Error, Result};

/// The lock that is held while records or the user's ssh configuration change; dropping it releases it.
pub(crate) type Lock = Flock<File>;

/// Waits for the lock of this file, which is created if it does not exist.
pub(crate) fn lock(path: &Path) -> Result<Lock> {
    let file = dockerutils_file::open_lock(path).map_err(Error::io("written", path))?;
    Flock::lock(file, FlockArg::LockExclusive)
        .map_err(|(_, errno)| Error::io("locked", path)(io::Error::from(errno)))
}

/// Creates the folder and those above it, for their owner only.
pub(crate) fn make_private_dir(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(Error::io("created", path))
}

/// Reads a file of a folder. A folder of this user's that lacks the owner's permissions, as one does that was created under
/// a umask of 0777, gets them back.
pub(crate) fn read_in(folder: &Path, name: &str) -> io::Result<Vec<u8>> {
    let file = folder.join(name);
    match dockerutils_file::read(&file) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && repair(folder) => {
            dockerutils_file::read(&file)
        }
        read => read,
    }
}

fn repair(folder: &Path) -> bool {
    // Not through a link: only a folder of ours is changed.
    let is_locked = fs::symlink_metadata(folder).is_ok_and(|found| {
        found.is_dir() && found.uid() == geteuid().as_raw() && found.mode() & 0o700 != 0o700
    });
    is_locked && fs::set_permissions(folder, Permissions::from_mode(0o700)).is_ok()
}

/// Reads a file; a file that does not exist counts as empty.
pub(crate) fn read_or_empty(path: &Path) -> Result<Vec<u8>> {
    match dockerutils_file::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(Error::io("read", path)),
    }
}

/// Writes a file that only its owner can read.
pub(crate) fn replace_private(path: &Path, contents: &[u8]) -> Result<()> {
    let replaced = prepare(path, contents, None).and_then(|file| Ok(file.persist(path)?));
    replaced.map(|_| ()).map_err(Error::io("written", path))
}

/// Prepares a file that will replace another one, with the same mode and owner; only its owner can read a new one.
/// Persist it to replace the file.
pub(crate) fn prepare_alike(path: &Path, contents: &[u8]) -> io::Result<NamedTempFile> {
    prepare(path, contents, fs::metadata(path).ok().as_ref())
}

fn prepare(path: &Path, contents: &[u8], like: Option<&fs::Metadata>) -> io::Result<NamedTempFile> {
    let dir = path.parent().unwrap_or(Path::new("."));
    // In the same folder, because a rename cannot cross file systems.
    let mut file = tempfile::Builder::new().prefix(".dockerutils-").tempfile_in(dir)?;
    file.write_all(contents)?;
    if let Some(like) = like {
        let own = file.as_file().metadata()?;
        if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
            std::os::unix::fs::fchown(file.as_file(), Some(like.uid()), Some(like.gid()))?;
        }
        // After the owner: changing the owner clears set-ID bits.
        file.as_file().set_permissions(Permissions::from_mode(like.mode() & 0o7777))?;
    }
    // Before the rename: after a crash the name must not lead to a file whose data was never written.
    file.as_file().sync_all()?;
    Ok(file)
}

/// Removes a file or a folder; one that does not exist is not an error.
pub(crate) fn remove(path: &Path, by: impl FnOnce(&Path) -> io::Result<()>) -> Result<()> {
    match by(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("removed", path)(error)),
        _ => Ok(()),
    }
}
