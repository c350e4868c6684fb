//! Closing a session: the last process that held it ends the connection and removes the folder.

use std::fs;
use std::time::{Duration, Instant};

use dockerutils_command::Runner;

use super::folder::{LINK, LockedSession};
use super::{Error, Result, Session};

/// How long ssh may take to end.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often we check whether ssh has ended.
const POLL: Duration = Duration::from_millis(1);

/// Releases a process, and closes the session if no other process holds it. The runner decides what is echoed.
///
/// # Errors
/// Fails if the session's folder cannot be read or removed.
pub fn close_session(session: &Session, pid: u32, runner: &Runner) -> Result {
    // The path comes from a shell variable: a folder that never was a session is left alone.
    if !session.has_holders_folder()? {
        return Ok(());
    }
    match session.lock()? {
        Some(locked) => {
            locked.release_pid(pid)?;
            close_if_unused(locked, runner)
        }
        None => Ok(()),
    }
}

/// Ends the connection and removes the folder if no process holds the session.
pub(super) fn close_if_unused(locked: LockedSession, runner: &Runner) -> Result {
    if locked.is_held()? {
        return Ok(());
    }
    if locked.session.is_connected() {
        // The caller's refuses to run anything after a signal. The exit status does not matter, because a connection that
        // does not end is dead already.
        runner.uninterrupted().run_parallel(&[locked.session.control().exit()], TIMEOUT)?;
        wait_until_closed(&locked.session);
    }
    remove_shared_link(&locked.session)?;
    locked.remove()
}

/// Waits until ssh's socket is closed: ssh confirms the request to exit before it exits.
fn wait_until_closed(session: &Session) {
    let start = Instant::now();
    while session.is_connected() && start.elapsed() < TIMEOUT {
        std::thread::sleep(POLL);
    }
}

/// Removes the link in `~/.docker` by which docker's ssh finds the connection.
///
/// Only a link to this session's own socket is removed, whatever path the session's folder names.
fn remove_shared_link(session: &Session) -> Result {
    let Some(link) = session.dir().read_link(LINK) else { return Ok(()) };
    if fs::read_link(&link).is_ok_and(|target| target == session.control().path()) {
        fs::remove_file(&link).map_err(Error::link("removed", &link))?;
    }
    Ok(())
}
