//! An engine that does not listen at the path that was forwarded: its socket is found and forwarded as the usual one.

use std::time::Duration;

use dockerutils_command::Runner;
use dockerutils_ssh::portable_script;

use super::folder::DOCKER_SOCKET;
use super::ping::{Response, ping};
use super::{Result, Session, ssh_via_session};
use crate::dock::USUAL_SOCKET;
use crate::{Dock, Docks, SocketPath, engines};

/// How long a step may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How many sockets are tried.
const MAX_SOCKETS: usize = 8;

/// Forwards another socket of an engine; returns whether one responds. The record then names it, so that the next session
/// forwards it at once.
pub(super) fn forward_other_socket(
    session: &Session,
    docks: &Docks,
    dock: &Dock,
    runner: &Runner,
) -> Result<bool> {
    let (control, local) = (session.control(), session.socket());
    // The socket of the record is tried again: an older connection may forward another one.
    let mut forwarded = dock.engine_socket().to_owned();
    for socket in sockets(session, docks, dock, runner)? {
        // The status does not matter: a forward that does not exist need not be ended.
        runner.run_parallel(&[control.cancel_socket(&local, &forwarded)], TIMEOUT)?;
        session.dir().remove(DOCKER_SOCKET)?;
        runner.run_parallel(&[control.forward_socket(&local, socket.as_str())], TIMEOUT)?;
        forwarded = socket.to_string();
        if session.dir().has_socket(DOCKER_SOCKET) && ping(&local, TIMEOUT) == Response::Engine {
            let named = (socket.as_str() != USUAL_SOCKET).then_some(socket);
            // A record that cannot be written means that the next session searches again.
            let _ = docks.update(&dock.address, |known| Dock {
                socket: named,
                ..known.unwrap_or_else(|| dock.clone())
            });
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the sockets of engines on the dock. Other output of the dock is ignored.
fn sockets(session: &Session, docks: &Docks, dock: &Dock, runner: &Runner) -> Result<Vec<SocketPath>> {
    let line = portable_script(&engines::list_sockets(), [])?;
    let ssh = ssh_via_session(docks, dock, Some(&session.control()));
    let ssh = docks.add_line(ssh.args(["--", &dock.destination()]), dock, "list-engines", &line, runner);
    let outputs = runner.run_parallel(&[ssh], TIMEOUT)?;
    let mut found: Vec<SocketPath> = Vec::new();
    for output in &outputs {
        for socket in String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.parse().ok()) {
            if !found.contains(&socket) {
                found.push(socket);
            }
        }
    }
    found.truncate(MAX_SOCKETS);
    Ok(found)
}
