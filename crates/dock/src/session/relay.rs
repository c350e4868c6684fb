//! The relay: docker's socket for a user who may use docker on the dock with sudo only.
//!
//! sshd opens forwarded sockets as the user, who may not use the engine's. So a process of ours listens on the session's
//! socket, and runs `docker system dial-stdio` with sudo on the dock for each connection, as docker does for `ssh://`.

use std::io::stdin;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::Duration;

use dockerutils_command::{Command, Runner};

use super::folder::DOCKER_SOCKET;
use super::ping::{Response, ping};
use super::reopen::dock_of;
use super::watch::program;
use super::{Error, Result, Session, ssh_via_session};
use crate::{Dock, Docks};

/// How long sudo and docker on the dock may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How often the relay checks whether its session still exists.
const INTERVAL: Duration = Duration::from_secs(1);

/// Starts the relay if the user may use docker with sudo and without a password; returns whether an engine responds.
pub(super) fn start_relay(session: &Session, docks: &Docks, dock: &Dock, runner: &Runner) -> Result<bool> {
    let ssh = ssh_via_session(docks, dock, Some(&session.control()));
    let check = ssh.args(["--", &dock.destination(), "sudo -n docker version"]);
    let outputs = runner.run_parallel(&[check], TIMEOUT)?;
    if !outputs.iter().any(|output| output.status.is_some_and(|status| status.success())) {
        return Ok(false);
    }
    session.dir().remove(DOCKER_SOCKET)?;
    // Bound before the relay starts, so that callers can connect at once.
    let listener = UnixListener::bind(session.socket()).map_err(Error::link("created", &session.socket()))?;
    runner.spawn_detached_on(&Command::new(program()).arg("relay").arg(session.folder()), listener.into())?;
    Ok(ping(&session.socket(), TIMEOUT) == Response::Engine)
}

/// Serves the listening socket that is this process's standard input until the session is closed, or opened again.
///
/// # Errors
/// Fails if standard input is not a socket, or if the session's folder does not name a registered dock.
pub fn relay_session(session: &Session) -> Result {
    let socket = stdin().as_fd().try_clone_to_owned().map_err(Error::link("opened", &session.socket()))?;
    let listener = UnixListener::from(socket);
    let Some((docks, dock)) = dock_of(session)? else { return Ok(()) };
    // Leave the terminal and its folder, so that neither is kept busy. This fails if we have left them already.
    let _ = nix::unistd::setsid();
    let _ = std::env::set_current_dir("/");
    let begun = session.dir().inode(DOCKER_SOCKET);
    let served = session.clone();
    thread::spawn(move || listener.incoming().flatten().for_each(|it| serve(&served, &docks, &dock, it)));
    // The thread ends with this process.
    while begun.is_some() && session.dir().inode(DOCKER_SOCKET) == begun {
        thread::sleep(INTERVAL);
    }
    Ok(())
}

fn serve(session: &Session, docks: &Docks, dock: &Dock, stream: UnixStream) {
    let ssh = ssh_via_session(docks, dock, Some(&session.control()));
    let dial = ssh.args(["-T", "--", &dock.destination(), "sudo -n docker system dial-stdio"]);
    // The client sees a failure as the end of the stream.
    thread::spawn(move || Runner::default().serve(&dial, stream.into()));
}
