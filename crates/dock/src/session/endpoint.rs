//! How docker reaches a dock's engine over the open connection.
//!
//! The forwarded socket is tried, never assumed: sshd says only then whether it forwards sockets. Where it does not, or the engine's socket is elsewhere,
//! docker goes through ssh (`ssh://`), which takes the open connection because ssh's configuration names it.

use std::fmt;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use dockerutils_command::{Command, Runner};

use super::folder::remove;
use super::ping::{Answer, ping};
use super::{Error, Result, Session, master};
use crate::ssh::remote_command;
use crate::{Dock, Docks, Trouble, fragment};

/// How long an engine may take to answer.
const LIMIT: Duration = Duration::from_secs(15);

/// How long ssh may take to read its configuration.
const CONFIGURATION_LIMIT: Duration = Duration::from_secs(5);

/// How docker reaches an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// Through a socket that is forwarded.
    Socket(PathBuf),
    /// Through ssh, for the dock's sshd forwards no sockets, or the engine's is not where it is by default.
    Ssh {
        /// `ssh://…`
        url: String,
        /// Whether ssh's configuration leads it over the open connection; else each call opens one.
        is_shared: bool,
    },
}

impl fmt::Display for Endpoint {
    /// As DOCKER_HOST says it.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Endpoint::Socket(path) => write!(f, "unix://{}", path.display()),
            Endpoint::Ssh { url, .. } => f.write_str(url),
        }
    }
}

/// The endpoint of a session that is connected; none where the connection turns out to be lost.
pub(super) fn find(
    session: &Session,
    docks: &Docks,
    dock: &Dock,
    runner: &Runner,
) -> Result<Option<Endpoint>> {
    if session.socket().exists() {
        match ping(&session.socket(), LIMIT) {
            Answer::Engine => return Ok(Some(Endpoint::Socket(session.socket()))),
            Answer::Silence => return Err(Error::of(Trouble::NoAnswer, dock)),
            Answer::Closed => {}
        }
    }
    if !session.is_connected() {
        return Ok(None);
    }
    ask_through_ssh(session, docks, dock, runner)?;
    if !session.is_connected() {
        return Ok(None);
    }
    remove(fs::remove_file(session.socket()), &session.socket())?;
    let is_shared = share(session, docks, dock, runner)?;
    Ok(Some(Endpoint::Ssh { url: ssh_url(dock), is_shared }))
}

/// `ssh://user@address:port`
pub(super) fn ssh_url(dock: &Dock) -> String {
    let port = dock.port.as_ref().map(|port| format!(":{port}")).unwrap_or_default();
    format!("ssh://{}@{}{port}", dock.user, dock.address.in_url())
}

/// Whether the connection still carries something; waits until that is known.
pub(super) fn is_alive(session: &Session, docks: &Docks, dock: &Dock, runner: &Runner) -> Result<bool> {
    if !session.is_connected() {
        return Ok(false);
    }
    if session.socket().exists() {
        ping(&session.socket(), 2 * LIMIT);
    } else {
        let nothing = master::through(session, docks, dock).args(["--", &dock.destination(), "true"]);
        runner.run_parallel(&[nothing], 2 * LIMIT)?;
    }
    Ok(session.is_connected())
}

/// Asks docker's engine as `ssh://` does; where it does not answer either, that is the reason.
fn ask_through_ssh(session: &Session, docks: &Docks, dock: &Dock, runner: &Runner) -> Result {
    let question = remote_command(["docker", "version", "--format", "{{.Server.Version}}"]);
    let question = question.unwrap_or_default();
    let command = master::through(session, docks, dock).args(["--", &dock.destination(), &question]);
    for answer in runner.run_parallel(&[command], LIMIT)? {
        let trouble = match answer.status {
            Some(status) if status.success() => continue,
            Some(status) => Trouble::of(status.code(), &answer.stderr, &docks.known_hosts(dock)),
            None => Trouble::NoAnswer,
        };
        return Err(Error::of(trouble, dock));
    }
    Ok(())
}

/// Puts the connection where the dock's ssh fragment looks for it; answers whether ssh will find it there.
fn share(session: &Session, docks: &Docks, dock: &Dock, runner: &Runner) -> Result<bool> {
    let link = fragment::control_link(docks, dock);
    for (target, link) in [(&session.control(), &link), (&link, &session.link())] {
        remove(fs::remove_file(link), link)?;
        symlink(target, link).map_err(Error::io("made", link))?;
    }
    let configuration = Command::new("ssh").args(["-G", "--", &dock.destination()]);
    let answers = runner.run_parallel(&[configuration], CONFIGURATION_LIMIT)?;
    let line = format!("controlpath {}", link.display());
    Ok(answers
        .iter()
        .any(|answer| String::from_utf8_lossy(&answer.stdout).lines().any(|found| found == line)))
}
