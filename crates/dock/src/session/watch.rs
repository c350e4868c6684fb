//! The watcher: a process of its own that closes a session when the last that used it is gone.
//!
//! A terminal that is killed runs no castoff, so somebody must look: once a second. Each session has one watcher, which
//! holds a lock; it ends with the session.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use dockerutils_command::{Command, Runner};
use nix::fcntl::{Flock, FlockArg};

use super::folder::{Locked, is_at};
use super::{Error, Result, Session, close};

/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// The program that is the watcher.
const PROGRAM: &str = "dock-session";

impl Locked {
    /// Starts a watcher, if there is none.
    pub(super) fn watch(&self, runner: &Runner) -> Result {
        if try_watch(&self.session)?.is_some() {
            let watcher = Command::new(program()).arg("watch").arg(self.session.folder());
            runner.spawn_detached(&watcher)?;
        }
        Ok(())
    }
}

/// Watches a session until it is closed; does nothing where it has a watcher.
///
/// # Errors
/// The session's folder cannot be read or removed.
pub fn watch(session: &Session) -> Result {
    let Some(lock) = try_watch(session)? else { return Ok(()) };
    // Away from the terminal and its folder: neither is kept busy. It fails where we are away already.
    let _ = nix::unistd::setsid();
    let _ = std::env::set_current_dir("/");
    loop {
        std::thread::sleep(INTERVAL);
        // A session that was closed, and perhaps opened again, has another file: that is another watcher's.
        if !is_at(&lock, &session.watch()) {
            return Ok(());
        }
        if !session.used_by()?.is_empty() {
            continue;
        }
        if let Some(locked) = session.lock_existing()? {
            close::end_if_unused(locked)?;
        }
    }
}

fn try_watch(session: &Session) -> Result<Option<Flock<File>>> {
    let path = session.watch();
    let file = File::create(&path).map_err(Error::io("written", &path))?;
    Ok(Flock::lock(file, FlockArg::LockExclusiveNonblock).ok())
}

/// The program that was installed beside the one that runs, else the one on PATH.
fn program() -> PathBuf {
    let beside = std::env::current_exe().ok().map(|running| running.with_file_name(PROGRAM));
    beside.filter(|program| program.is_file()).unwrap_or_else(|| PROGRAM.into())
}
