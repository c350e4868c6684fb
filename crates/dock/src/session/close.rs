//! Closing: the last that uses a session ends its connection and removes its folder.

use std::fs;
use std::time::{Duration, Instant};

use dockerutils_command::Runner;

use super::folder::{Locked, remove};
use super::{Result, Session, master};

/// How long ssh may take to end.
const LIMIT: Duration = Duration::from_secs(5);

/// Takes a process out, and closes the session if it was the last.
///
/// # Errors
/// The session's folder cannot be read or removed.
pub fn close(session: &Session, pid: u32) -> Result {
    // A folder without terminals is none of ours.
    match session.lock_existing()?.filter(|_| session.terminals().is_dir()) {
        Some(locked) => {
            locked.release(pid)?;
            end_if_unused(locked)
        }
        None => Ok(()),
    }
}

/// Ends the connection and removes the folder, if nobody uses it; even when we were told to stop meanwhile.
pub(super) fn end_if_unused(locked: Locked) -> Result {
    if locked.is_used()? {
        return Ok(());
    }
    if locked.session.is_connected() {
        // What it answers does not matter: it ends, or is dead already.
        Runner::default().run_parallel(&[master::exit(&locked.session)], LIMIT)?;
        wait_until_closed(&locked.session);
    }
    if let Ok(link) = fs::read_link(locked.session.link()) {
        remove(fs::remove_file(&link), &link)?;
    }
    locked.remove()
}

/// ssh answers before it ends, and its sockets close as it does.
fn wait_until_closed(session: &Session) {
    let start = Instant::now();
    while session.is_connected() && start.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_millis(1));
    }
}
