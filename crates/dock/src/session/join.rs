//! Using a session that another process has opened: joining it, and opening it again if its connection was lost.

use dockerutils_command::Runner;
use dockerutils_ssh::ControlSocket;

use super::before::is_docked_by_us;
use super::endpoint::{Endpoint, is_alive};
use super::folder::CONTROL_SOCKET;
use super::master::Opening;
use super::open::connect;
use super::{Error, Result, Session};
use crate::{Dock, Docks};

/// Returns whether this value of DOCKER_HOST leads to the dock through its session.
///
/// The path of the socket belongs to one session only. An `ssh://` URL may also be set by hand, as the original
/// dockerutils did, and then there is nothing to open: it counts only if `source dock` has set it (`is_docked_by_us`)
/// and the dock has a session.
///
/// # Errors
/// Fails if the folder of the session can be used by others.
pub fn is_session_endpoint(
    docks: &Docks,
    dock: &Dock,
    docker_host: &str,
    is_docked_by_us: bool,
) -> Result<bool> {
    if is_session_socket(docks, dock, docker_host) {
        return Ok(true);
    }
    Ok(is_docked_by_us && docker_host == dock.ssh_url() && Session::find(docks, dock)?.is_some())
}

/// Returns whether this value of DOCKER_HOST is the socket of the dock's session. For an instance it stays the same when
/// the address changes.
pub fn is_session_socket(docks: &Docks, dock: &Dock, docker_host: &str) -> bool {
    docker_host == Endpoint::Socket(Session::socket_path(docks, dock)).to_string()
}

/// Returns the session of a dock if its connection is open, and registers this process as a holder: the session then
/// stays open until the process ends, even if the process becomes ssh. A dry run registers nothing.
///
/// # Errors
/// Fails if the folder of the session can be used by others, or cannot be read or written.
pub fn join_session(docks: &Docks, dock: &Dock, runner: &Runner) -> Result<Option<Session>> {
    if !runner.is_dry_run() {
        docks.refresh_ssh_files(dock);
    }
    let Some(session) = Session::find(docks, dock)?.filter(Session::is_connected) else { return Ok(None) };
    if runner.is_dry_run() {
        return Ok(Some(session));
    }
    // While we waited for the lock, another process may have closed the session.
    let Some(locked) = session.lock()?.filter(|locked| locked.session.is_connected()) else {
        return Ok(None);
    };
    locked.start_watcher(runner)?;
    locked.register_pid(std::process::id())?;
    Ok(Some(session))
}

/// Returns the connection that DOCKER_HOST leads to, and opens it again if it was lost. Call it before docker.
///
/// If the line is dead, this waits until ssh has noticed. The session stays open until this process ends, even if the
/// process becomes docker. If DOCKER_HOST does not lead to the session, an open session is joined, and docker is on its
/// own. A dry run opens nothing, and returns the connection that would be opened.
///
/// # Errors
/// Fails if the dock cannot be reached, or if the folder of the session can be used by others.
pub fn ensure_session(
    docks: &Docks,
    dock: &Dock,
    docker_host: &str,
    runner: &Runner,
) -> Result<Option<ControlSocket>> {
    let is_endpoint = is_session_endpoint(docks, dock, docker_host, is_docked_by_us())?;
    if runner.is_dry_run() || !is_endpoint {
        let joined = join_session(docks, dock, runner)?.map(|session| session.control());
        let planned = || ControlSocket::planned(&Session::path(docks, dock), CONTROL_SOCKET, runner);
        return Ok(joined.or_else(|| planned().filter(|_| is_endpoint)));
    }
    let was_alive = match Session::find(docks, dock)? {
        Some(session) => is_alive(&session, docks, dock, runner)?,
        None => false,
    };
    let locked = Session::create(&Session::path(docks, dock))?;
    locked.start_watcher(runner)?;
    if !(was_alive && locked.session.is_connected()) {
        let endpoint = connect(&locked, docks, dock, Opening::Attended, runner)?;
        // We cannot change the variables of the calling shell, and docker would use the old address.
        if endpoint.to_string() != docker_host {
            return Err(Error::EndpointChanged(dock.moniker.clone()));
        }
    }
    locked.register_pid(std::process::id())?;
    Ok(Some(locked.session.control()))
}
