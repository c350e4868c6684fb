//! Files of ours, their folder, and the lock that keeps two syncs apart: files appear whole or not at all, and only
//! their owner reads them.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::Duration;

use dockerutils_command::Runner;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use tempfile::NamedTempFile;

use crate::Error;

/// Held for the length of a sync; given back when it is dropped.
pub(crate) type Lock = Flock<File>;

/// How often a lock that another has is asked for again.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes a folder of ours, if it is not there.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::io("written", folder))
}

/// Writes a file in place of an older one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    let write = || {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map(drop).map_err(|refused| refused.error)
    };
    write().map_err(Error::io("written", path))
}

/// Waits for the lock of this file, which is made if it is missing.
///
/// Another sync may take long, and whoever waits for it may be told to stop: a wait in the system would not hear it.
pub(crate) fn lock(path: &Path, runner: &Runner) -> Result<Lock, Error> {
    make_folder(path.parent().unwrap_or(Path::new(".")))?;
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    let mut file = file.map_err(Error::io("written", path))?;
    loop {
        file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Err((file, Errno::EWOULDBLOCK)) => file,
            locked => return locked.map_err(|(_, errno)| Error::io("locked", path)(io::Error::from(errno))),
        };
        runner.check_interrupted()?;
        thread::sleep(PAUSE);
    }
}
