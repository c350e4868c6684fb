//! Opening a session: the connection, docker's response through it if docker is used, and the process that holds it.
//!
//! A connection that is open is used, a lost one is opened again. If that fails, nothing is left that was not there before.

use std::slice;
use std::time::Duration;

use dockerutils_command::{self as command, Runner};
use dockerutils_ssh::ControlSocket;

use super::close::close_if_unused;
use super::endpoint::{Endpoint, find_endpoint, link_connection};
use super::folder::{CONTROL_SOCKET, DOCK, LockedSession};
use super::master::Opening;
use super::{Error, Result, Session, master};
use crate::{Dock, Docks, probe};

/// How long a probe may take to diagnose a failed connection.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens the session of a dock for a process; it stays open at least until that process ends.
///
/// # Errors
/// Fails if the dock cannot be reached or no engine responds on it. Then nothing has changed.
pub fn open_session(docks: &Docks, dock: &Dock, pid: u32, runner: &Runner) -> Result<Endpoint> {
    let opened =
        open_for(docks, dock, pid, runner, |locked| connect(locked, docks, dock, Opening::Attended, runner))?;
    Ok(opened.unwrap_or_else(|| Endpoint::Socket(Session::socket_path(docks, dock))))
}

/// Opens the connection of a dock's session for a process, as [`open_session`] does, but needs no engine there.
///
/// # Errors
/// Fails if the dock cannot be reached. Then nothing has changed.
pub fn open_connection(docks: &Docks, dock: &Dock, pid: u32, runner: &Runner) -> Result {
    open_for(docks, dock, pid, runner, |locked| open_master(locked, docks, dock, Opening::Attended, runner))?;
    Ok(())
}

/// Calls `open` for a new session, or for the one that exists, which then stays open for a process. Under a dry run `open`
/// is not called, and the result is `None`.
fn open_for<T>(
    docks: &Docks,
    dock: &Dock,
    pid: u32,
    runner: &Runner,
    open: impl FnOnce(&LockedSession) -> Result<T>,
) -> Result<Option<T>> {
    let path = Session::path(docks, dock);
    if let Some(control) = ControlSocket::planned(&path, CONTROL_SOCKET, runner) {
        let socket = Session::socket_path(docks, dock);
        // A dry run writes no file.
        runner.run_stdout_to_stderr(&master::open_command_with_options(
            &control,
            &socket,
            docks,
            dock,
            Opening::Attended,
        ))?;
        return Ok(None);
    }
    let locked = Session::create(&path)?;
    // The watcher first: if we are killed from here on, it closes what is open.
    let opened = locked
        .start_watcher(runner)
        .and_then(|()| open(&locked))
        .and_then(|opened| locked.register_pid(pid).map(|()| opened));
    if opened.is_err() {
        close_if_unused(locked, runner)?;
    }
    opened.map(Some)
}

/// Returns the endpoint of the open connection, or opens one.
pub(super) fn connect(
    locked: &LockedSession,
    docks: &Docks,
    dock: &Dock,
    opening: Opening,
    runner: &Runner,
) -> Result<Endpoint> {
    let session = &locked.session;
    if session.is_connected() {
        open_master(locked, docks, dock, opening, runner)?;
        if let Some(endpoint) = find_endpoint(session, docks, dock, runner)? {
            return Ok(endpoint);
        }
    }
    open_master(locked, docks, dock, opening, runner)?;
    find_endpoint(session, docks, dock, runner)?.ok_or_else(|| Error::Lost(dock.moniker.clone()))
}

/// Opens the connection, with the ports that stay open, unless it is open.
fn open_master(
    locked: &LockedSession,
    docks: &Docks,
    dock: &Dock,
    opening: Opening,
    runner: &Runner,
) -> Result {
    let session = &locked.session;
    docks.refresh_ssh_files(dock);
    session.dir().write(DOCK, dock.identity())?;
    if session.is_connected() {
        return Ok(());
    }
    // ssh does not bind a control socket in place of an old one.
    locked.remove_sockets()?;
    let open = master::open_command(session, docks, dock, opening)?;
    runner.run_stdout_to_stderr(&open).map_err(|error| match error {
        command::Error::Failed { .. } if opening == Opening::Attended => diagnose(docks, dock, runner),
        other => Error::Command(other),
    })?;
    // Without the link, calls name the control socket themselves, and docker opens connections of its own.
    let _ = link_connection(session, docks, dock);
    session.open_kept_ports()
}

/// Finds out why ssh did not reach the dock. Its messages went to the user's terminal, so the dock is probed once more.
pub(super) fn diagnose(docks: &Docks, dock: &Dock, runner: &Runner) -> Error {
    match probe(docks, slice::from_ref(dock), PROBE_TIMEOUT, runner) {
        Ok(probes) => match probes.into_iter().find_map(|probe| probe.state.err()) {
            Some(fault) => Error::unusable(fault, dock),
            None => Error::Unreachable(dock.moniker.clone()),
        },
        Err(error) => Error::Command(error),
    }
}
