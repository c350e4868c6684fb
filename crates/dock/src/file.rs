//! Files that are written whole or not at all, and the lock that keeps two writers apart.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};

use crate::{Error, Result};

/// Held while records or the user's ssh configuration are changed; given back when it is dropped.
pub(crate) type Lock = Flock<File>;

/// Waits for the lock of this file, which is made if it is missing.
pub(crate) fn lock(path: &Path) -> Result<Lock> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    let file = file.map_err(Error::io("written", path))?;
    Flock::lock(file, FlockArg::LockExclusive)
        .map_err(|(_, errno)| Error::io("locked", path)(io::Error::from(errno)))
}

/// Makes the folder, for its owner alone, and those above it.
pub(crate) fn make_private_dir(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(Error::io("made", path))
}

/// Reads a file; one that is not there is empty.
pub(crate) fn read_or_empty(path: &Path) -> Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(Error::io("read", path)),
    }
}

/// Writes a file that only its owner may read.
pub(crate) fn replace_private(path: &Path, contents: &[u8]) -> Result<()> {
    replace(path, contents, None).map_err(Error::io("written", path))
}

/// Writes a file that keeps its mode and owner; a new one is its owner's alone.
pub(crate) fn replace_alike(path: &Path, contents: &[u8]) -> Result<()> {
    replace(path, contents, fs::metadata(path).ok().as_ref()).map_err(Error::io("written", path))
}

fn replace(path: &Path, contents: &[u8], like: Option<&fs::Metadata>) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".dockerutils-").tempfile_in(dir)?;
    file.write_all(contents)?;
    if let Some(like) = like {
        let own = file.as_file().metadata()?;
        if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
            std::os::unix::fs::fchown(file.as_file(), Some(like.uid()), Some(like.gid()))?;
        }
        file.as_file().set_permissions(Permissions::from_mode(like.mode() & 0o7777))?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
