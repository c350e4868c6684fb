//! Opening: one ssh connection, the engine's answer through it, and the note of who uses it.
//!
//! What is open already is used; what was lost is opened again. Where that fails, nothing is left that was not there.

use std::time::Duration;
use std::{env, slice};

use dockerutils_command::{self as command, Runner};

use super::endpoint::{self, Endpoint};
use super::folder::Locked;
use super::{Error, Result, Session, close, master};
use crate::{Dock, Docks, probe};

/// How long a dock may take to show what is wrong, when ssh has failed.
const LIMIT: Duration = Duration::from_secs(10);

/// Opens the session of a dock for a process; it stays open at least as long as that.
///
/// # Errors
/// The dock cannot be reached, or no engine answers on it. Then nothing has changed.
pub fn open(docks: &Docks, dock: &Dock, pid: u32, runner: &Runner) -> Result<Endpoint> {
    let session = Session::of(docks, dock);
    if runner.is_dry_run() {
        runner.run_stdout_to_stderr(&master::open(&session, docks, dock))?;
        return Ok(Endpoint::Socket(session.socket()));
    }
    let locked = session.lock()?;
    // The watcher first: should we be killed from here on, it closes what is open.
    let endpoint = locked
        .watch(runner)
        .and_then(|()| connect(&locked, docks, dock, runner))
        .and_then(|endpoint| locked.add(pid).map(|()| endpoint));
    if endpoint.is_err() {
        close::end_if_unused(locked)?;
    }
    endpoint
}

/// Opens again what was lost, if DOCKER_HOST leads to this dock as [`open`] has said; to be called before docker is.
///
/// Where the line is dead this waits until ssh has noticed. The session stays open until this process ends, docker
/// included if it becomes docker.
///
/// # Errors
/// The dock cannot be reached.
pub fn ensure(docks: &Docks, dock: &Dock, runner: &Runner) -> Result {
    let session = Session::of(docks, dock);
    let host = env::var("DOCKER_HOST").unwrap_or_default();
    let socket = Endpoint::Socket(session.socket()).to_string();
    if runner.is_dry_run() || !(host == socket || host == endpoint::ssh_url(dock)) {
        return Ok(());
    }
    let is_alive = endpoint::is_alive(&session, docks, dock, runner)?;
    let locked = session.lock()?;
    locked.watch(runner)?;
    if !(is_alive && session.is_connected()) {
        let endpoint = connect(&locked, docks, dock, runner)?;
        if endpoint.to_string() != host {
            return Err(Error::OtherWay(dock.moniker.clone()));
        }
    }
    locked.add(std::process::id())
}

impl Session {
    /// Counts this process among those that use the session, if it is open: then it stays open until the process ends,
    /// ssh included if it becomes ssh. Answers whether it is open; under a dry run that is all.
    ///
    /// # Errors
    /// The session's folder cannot be read or written.
    pub fn join(&self, runner: &Runner) -> Result<bool> {
        if runner.is_dry_run() {
            return Ok(self.is_connected());
        }
        let Some(locked) = self.lock_existing()?.filter(|_| self.is_connected()) else { return Ok(false) };
        locked.watch(runner)?;
        locked.add(std::process::id())?;
        Ok(true)
    }
}

fn connect(locked: &Locked, docks: &Docks, dock: &Dock, runner: &Runner) -> Result<Endpoint> {
    let session = &locked.session;
    if session.is_connected()
        && let Some(endpoint) = endpoint::find(session, docks, dock, runner)?
    {
        return Ok(endpoint);
    }
    locked.clear_sockets()?;
    runner.run_stdout_to_stderr(&master::open(session, docks, dock)).map_err(|error| match error {
        command::Error::Failed { .. } => why(docks, dock, runner),
        other => Error::Command(other),
    })?;
    let endpoint = endpoint::find(session, docks, dock, runner)?;
    endpoint.ok_or_else(|| Error::Lost(dock.moniker.clone()))
}

/// Why ssh did not get there. What it said went to the user alone, so the dock is asked once more.
fn why(docks: &Docks, dock: &Dock, runner: &Runner) -> Error {
    match probe(docks, slice::from_ref(dock), LIMIT, runner) {
        Ok(answers) => match answers.into_iter().find_map(|answer| answer.state.err()) {
            Some(trouble) => Error::of(trouble, dock),
            None => Error::Unreachable(dock.moniker.clone()),
        },
        Err(error) => Error::Command(error),
    }
}
