//! The master connection of a session: the command that opens it, and ssh through it.
//!
//! ssh goes into the background when it is connected: by then its sockets exist. Before that it prompts for passwords and
//! the like on the terminal.

use std::path::Path;

use dockerutils_command::Command;
use dockerutils_ssh::{ControlSocket, without_master};

use super::folder::CONFIGURATION;
use super::{Result, Session};
use crate::{Dock, Docks};

/// The dock's file clears forwards, and would clear that of docker's socket, too.
const OPTIONS: [&str; 1] = ["ClearAllForwardings=no"];

/// Whether someone is there to type a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// ssh prompts on the terminal.
    Attended,
    /// ssh uses an agent, or a key without a passphrase.
    Unattended,
}

impl Opening {
    /// Returns options that precede those of every master: ssh uses the first value of an option.
    fn options(self) -> &'static [&'static str] {
        match self {
            Opening::Attended => &[],
            // Others wait for the session's lock meanwhile, so the attempt is a short one.
            Opening::Unattended => &["-o", "BatchMode=yes", "-o", "ConnectTimeout=5"],
        }
    }
}

/// Returns the command that opens the connection of a session, and forwards docker's socket.
///
/// All options stand in a file in the session's folder, so that the command is short. If ssh cannot use a file there, they
/// stand on the command line.
pub(super) fn open_command(
    session: &Session,
    docks: &Docks,
    dock: &Dock,
    opening: Opening,
) -> Result<Command> {
    let (control, socket) = (session.control(), session.socket());
    let settings = [
        ("ControlPath", control.path().display().to_string()),
        ("ClearAllForwardings", "no".to_owned()),
        ("LocalForward", format!("{} {}", socket.display(), dock.engine_socket())),
    ];
    let file = session.folder().join(CONFIGURATION);
    let Some(text) = docks.further_file(dock, &file, &settings) else {
        return Ok(open_command_with_options(&control, &socket, docks, dock, opening));
    };
    session.dir().write(CONFIGURATION, &text)?;
    let ssh = Command::new("ssh").arg("-F").arg(file).args(["-f", "-N", "-M"]);
    Ok(ssh.args(opening.options().iter().copied()).args(["--", &dock.destination()]))
}

/// Returns the command that opens the connection and forwards docker's socket to `socket`, with all options in it.
pub(super) fn open_command_with_options(
    control: &ControlSocket,
    socket: &Path,
    docks: &Docks,
    dock: &Dock,
    opening: Opening,
) -> Command {
    let forward = format!("{}:{}", socket.display(), dock.engine_socket());
    let ssh = docks.ssh(dock).args(["-f", "-N"]).args(opening.options().iter().copied());
    let ssh = control.open_master(ssh, OPTIONS);
    ssh.args(["-L", &forward, "--", &dock.destination()])
}

/// Returns `ssh` to the dock without a destination: through the connection of a session, or through one of its own
/// without one. Add `.arg("--").arg(dock.destination())`.
pub fn ssh_via_session(docks: &Docks, dock: &Dock, control: Option<&ControlSocket>) -> Command {
    match control {
        // The dock's file names the link. Another session of the dock may have replaced it.
        Some(control) if docks.names_control(dock, &control.path()) => docks.ssh(dock),
        Some(control) => control.via_master(docks.ssh(dock)),
        None => without_master(docks.ssh(dock)),
    }
}
