//! The lock that keeps two syncs of one project with one dock apart.

use std::fs::File;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use dockerutils_command::Runner;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::Error;
use crate::atomic_write::create_private_folder;

/// An exclusive lock on a file, released when it is dropped.
pub(crate) type Lock = Flock<File>;

/// The pause between two attempts to acquire a lock that another process holds.
const RETRY_INTERVAL: Duration = Duration::from_millis(20);

/// Waits until the lock on this file is free, and acquires it; creates the file if it does not exist.
///
/// # Errors
/// Fails if the file cannot be created or locked, or if a signal interrupts the wait.
pub(crate) fn acquire_lock(path: &Path, runner: &Runner) -> Result<Lock, Error> {
    create_private_folder(path.parent().unwrap_or(Path::new(".")))?;
    let mut file = dockerutils_file::open_lock(path).map_err(Error::io("write", path))?;
    loop {
        // Ctrl-C must end the wait for a long sync of another process. A blocking flock(2) would continue after a
        // signal, because handlers are installed with SA_RESTART.
        file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Err((file, Errno::EWOULDBLOCK)) => file,
            locked => return locked.map_err(|(_, errno)| Error::io("lock", path)(io::Error::from(errno))),
        };
        runner.check_interrupted()?;
        thread::sleep(RETRY_INTERVAL);
    }
}
