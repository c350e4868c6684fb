//! The watcher: a process that closes a session when the last process that held it has ended, and opens its connection
//! again when that was lost.
//!
//! A terminal that is killed runs no castoff, so the holders are checked once a second. Each session has one watcher,
//! which holds a lock and ends with the session.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use dockerutils_command::{Command, Runner};
use nix::fcntl::{Flock, FlockArg};

use super::close::close_if_unused;
use super::folder::{LockedSession, WATCH};
use super::reopen::Reopening;
use super::{Result, Session};

/// How often the holders are checked.
const INTERVAL: Duration = Duration::from_secs(1);

/// The program that runs as the watcher.
const PROGRAM: &str = "dock-session";

impl LockedSession {
    /// Starts a watcher, if the session has none.
    pub(super) fn start_watcher(&self, runner: &Runner) -> Result {
        // The lock is free again before the watcher takes it. If two watchers are started, the second ends at once.
        if try_lock(&self.session)?.is_some() {
            // A process of its own, because we may become ssh or docker, and the shell that is docked runs nothing of ours.
            let watcher = Command::new(program()).arg("watch").arg(self.session.folder());
            runner.spawn_detached(&watcher)?;
        }
        Ok(())
    }
}

/// Watches a session until it is closed; returns at once if it has a watcher.
///
/// # Errors
/// Fails if the session's folder cannot be read or removed.
pub fn watch_session(session: &Session) -> Result {
    let Some(lock) = try_lock(session)? else { return Ok(()) };
    // Leave the terminal and its folder, so that neither is kept busy. This fails if we have left them already.
    let _ = nix::unistd::setsid();
    let _ = std::env::set_current_dir("/");
    let mut reopening = Reopening::new();
    loop {
        std::thread::sleep(INTERVAL);
        // A session that was closed, and perhaps opened again, has another file, which another watcher locks.
        if !session.dir().holds(&lock, WATCH) {
            return Ok(());
        }
        if !session.pids()?.is_empty() || session.has_holding_port()? {
            reopening.step(session);
            continue;
        }
        if let Some(locked) = session.lock()? {
            close_if_unused(locked, &Runner::default())?;
        }
    }
}

fn try_lock(session: &Session) -> Result<Option<Flock<File>>> {
    let file = session.dir().create_file(WATCH)?;
    Ok(Flock::lock(file, FlockArg::LockExclusiveNonblock).ok())
}

/// Returns the watcher that is installed beside the running program, so that both have one version, else that on PATH.
pub(super) fn program() -> PathBuf {
    let beside = std::env::current_exe().ok().map(|running| running.with_file_name(PROGRAM));
    beside.filter(|program| program.is_file()).unwrap_or_else(|| PROGRAM.into())
}
