//! Whether sshd on a dock lets a TCP port be forwarded, which shows only when the forwarded port is used.

use std::time::Duration;

use dockerutils_command::Runner;

use super::folder::FORWARDS;
use super::{Result, Session, ssh_via_session};
use crate::{Dock, Docks};

/// How long an attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// ssh's message for a port that sshd does not forward (AllowTcpForwarding, PermitOpen).
const PROHIBITED: &str = "administratively prohibited";

/// Returns whether sshd on the dock lets this target, `HOST:PORT`, be reached through ssh. Nothing need listen there yet.
///
/// The session remembers what is allowed, because the attempt takes a connection of its own: the master keeps sshd's
/// reason to itself. If the attempt fails otherwise, nothing is known, and the forward may work.
///
/// # Errors
/// Fails if ssh is not installed, if a signal interrupted us, or if others can use the session's folder.
pub fn allows_forward(docks: &Docks, dock: &Dock, target: &str, runner: &Runner) -> Result<bool> {
    let session = Session::find(docks, dock)?;
    let allowed = match &session {
        Some(session) => session.dir().read(FORWARDS)?.unwrap_or_default(),
        None => String::new(),
    };
    if allowed.lines().any(|line| line == target) {
        return Ok(true);
    }
    let ssh = ssh_via_session(docks, dock, None);
    let ssh = ssh.args(["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "LogLevel=INFO"]);
    let attempt = ssh.args(["-W", target, "--", &dock.destination()]);
    let outputs = runner.run_parallel(&[attempt], TIMEOUT)?;
    let is_allowed =
        !outputs.iter().any(|output| String::from_utf8_lossy(&output.stderr).contains(PROHIBITED));
    if let Some(session) = session.filter(|_| is_allowed) {
        session.dir().write(FORWARDS, &format!("{allowed}{target}\n"))?;
    }
    Ok(is_allowed)
}
