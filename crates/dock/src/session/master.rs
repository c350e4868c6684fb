//! The one ssh connection of a session, and ssh over it.
//!
//! ssh puts itself into the background when it is through: by then its sockets are there. It asks for passwords and the
//! like on the terminal before. It ends by itself when the line is dead for twenty seconds.

use std::os::unix::net::UnixStream;

use dockerutils_command::Command;

use super::Session;
use crate::ssh::ssh;
use crate::{Dock, Docks};

/// The engine's socket on the dock.
const ENGINE: &str = "/var/run/docker.sock";

/// What the user's own configuration may say otherwise, and what must hold here.
const OPTIONS: [&str; 7] = [
    "ConnectTimeout=15",
    "ControlPersist=no",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    // A forward of the user's own whose port is taken must not keep docker's from being there: that one is tried.
    "ExitOnForwardFailure=no",
    "StreamLocalBindUnlink=yes",
    "StreamLocalBindMask=0177",
];

/// Opens the connection.
pub(super) fn open(session: &Session, docks: &Docks, dock: &Dock) -> Command {
    let forward = format!("{}:{ENGINE}", session.socket().display());
    ssh(docks, dock)
        .args(["-f", "-N", "-M", "-S"])
        .arg(session.control())
        .args(OPTIONS.iter().flat_map(|option| ["-o", option]))
        .args(["-L", &forward, "--", &dock.destination()])
}

/// Ends the connection, and all that goes over it.
pub(super) fn exit(session: &Session) -> Command {
    // ssh wants a destination, and connects to none.
    Command::new("ssh").args(["-F", "none", "-S"]).arg(session.control()).args(["-O", "exit", "--", "dock"])
}

/// `ssh` over the connection, without a destination: add `.arg("--").arg(dock.destination())`.
///
/// Where the connection has been lost, ssh opens one of its own.
pub fn through(session: &Session, docks: &Docks, dock: &Dock) -> Command {
    ssh(docks, dock).args(["-o", "ControlMaster=no", "-S"]).arg(session.control())
}

impl Session {
    /// Whether the connection is there, as far as ssh knows.
    pub(super) fn is_connected(&self) -> bool {
        UnixStream::connect(self.control()).is_ok()
    }
}
