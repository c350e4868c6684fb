//! The value of DOCKER_HOST for a session.
//!
//! Whether sshd forwards sockets shows only when the forwarded socket is used, so it is tried. If sshd refuses, or the
//! engine listens elsewhere, docker goes through ssh (`ssh://`), and ssh's configuration makes it use the open connection.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dockerutils_command::{Command, Runner};
use dockerutils_ssh::remote_command;

use super::elsewhere::forward_other_socket;
use super::folder::{DOCKER_SOCKET, LINK};
use super::ping::{Response, ping};
use super::relay::start_relay;
use super::{Error, Result, Session, ssh_via_session};
use crate::{Dock, DockFault, Docks, fragment};

/// How long an engine may take to respond.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How long `ssh -G` may take to read ssh's configuration.
const CONFIGURATION_TIMEOUT: Duration = Duration::from_secs(5);

/// How docker reaches a dock's engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A forwarded socket.
    Socket(PathBuf),
    /// ssh, because the dock's sshd forwards no sockets, or the engine does not listen at the default path.
    Ssh {
        /// `ssh://…`
        url: String,
        /// Whether ssh's configuration leads it over the open connection; otherwise each call opens one.
        is_shared: bool,
    },
}

impl fmt::Display for Endpoint {
    /// Writes the value of DOCKER_HOST.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Endpoint::Socket(path) => write!(f, "unix://{}", path.display()),
            Endpoint::Ssh { url, .. } => f.write_str(url),
        }
    }
}

/// Finds the endpoint of a session that is connected; `None` if the connection turns out to be lost.
pub(super) fn find_endpoint(
    session: &Session,
    docks: &Docks,
    dock: &Dock,
    runner: &Runner,
) -> Result<Option<Endpoint>> {
    if session.dir().has_socket(DOCKER_SOCKET) {
        match ping(&session.socket(), TIMEOUT) {
            Response::Engine => return Ok(Some(Endpoint::Socket(session.socket()))),
            Response::Timeout => return Err(Error::unusable(DockFault::NO_RESPONSE, dock)),
            Response::Closed => {}
        }
    }
    if !session.is_connected() {
        return Ok(None);
    }
    if forward_other_socket(session, docks, dock, runner)? {
        return Ok(Some(Endpoint::Socket(session.socket())));
    }
    if let Err(error) = check_docker_through_ssh(session, docks, dock, runner) {
        let is_forbidden = matches!(&error, Error::Unusable { fault: DockFault::NotInDockerGroup, .. });
        if is_forbidden && start_relay(session, docks, dock, runner)? {
            return Ok(Some(Endpoint::Socket(session.socket())));
        }
        return Err(error);
    }
    if !session.is_connected() {
        return Ok(None);
    }
    // Later checks use the socket if it exists.
    session.dir().remove(DOCKER_SOCKET)?;
    let is_shared = is_shared(docks, dock, runner)?;
    Ok(Some(Endpoint::Ssh { url: dock.ssh_url(), is_shared }))
}

/// Returns whether the connection still carries data; waits until that is known.
pub(super) fn is_alive(session: &Session, docks: &Docks, dock: &Dock, runner: &Runner) -> Result<bool> {
    if !session.is_connected() {
        return Ok(false);
    }
    if session.dir().has_socket(DOCKER_SOCKET) {
        // Longer than the twenty seconds after which ssh gives up.
        ping(&session.socket(), 2 * TIMEOUT);
    } else {
        let ssh = ssh_via_session(docks, dock, Some(&session.control()));
        runner.run_parallel(&[ssh.args(["--", &dock.destination(), "true"])], 2 * TIMEOUT)?;
    }
    // The response does not matter: on a dead line ssh gives up while we wait, and closes its socket.
    Ok(session.is_connected())
}

/// Runs `docker version` on the dock, as docker does for `ssh://`; fails with the reason if its engine does not respond.
fn check_docker_through_ssh(session: &Session, docks: &Docks, dock: &Dock, runner: &Runner) -> Result {
    let line = remote_command(["docker", "version", "--format", "{{.Server.Version}}"])?;
    let ssh = ssh_via_session(docks, dock, Some(&session.control())).args(["--", &dock.destination(), &line]);
    for output in runner.run_parallel(&[ssh], TIMEOUT)? {
        let fault = match output.status {
            Some(status) if status.success() => continue,
            Some(status) => DockFault::diagnose(status.code(), &output.stderr, &docks.known_hosts(dock)),
            None => DockFault::NO_RESPONSE,
        };
        return Err(Error::unusable(fault, dock));
    }
    Ok(())
}

/// Links the connection to the path that the dock's files for ssh name.
pub(super) fn link_connection(session: &Session, docks: &Docks, dock: &Dock) -> Result {
    let link = fragment::control_link(&docks.folder(dock));
    replace_link(&session.control().path(), &link)?;
    // close_session gets the session's folder only, and finds the link through this one.
    Ok(session.dir().link(&link, LINK)?)
}

/// Returns whether docker's ssh will look for the connection at the link.
fn is_shared(docks: &Docks, dock: &Dock, runner: &Runner) -> Result<bool> {
    let link = fragment::control_link(&docks.folder(dock));
    // Whether the user's configuration includes the fragment, and no earlier line overrides it, only ssh knows.
    let configuration = Command::new("ssh").args(["-G", "--", &dock.destination()]);
    let outputs = runner.run_parallel(&[configuration], CONFIGURATION_TIMEOUT)?;
    let line = format!("controlpath {}", link.display());
    Ok(outputs
        .iter()
        .any(|output| String::from_utf8_lossy(&output.stdout).lines().any(|found| found == line)))
}

fn replace_link(target: &Path, link: &Path) -> Result {
    match fs::remove_file(link) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::link("removed", link)(error));
        }
        _ => {}
    }
    symlink(target, link).map_err(Error::link("created", link))
}
