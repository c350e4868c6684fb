//! Whether sshd on a dock lets TCP ports be forwarded, which shows only when a forwarded port is used.

use std::time::Duration;

use dockerutils_command::{Command, Runner};

use super::folder::FORWARDS;
use super::{Result, Session, ssh_via_session};
use crate::{Dock, Docks};

/// How long an attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// ssh's message for a port that sshd does not forward (AllowTcpForwarding, PermitOpen).
const PROHIBITED: &str = "administratively prohibited";

/// How many attempts are made at a time: by default sshd drops some of more than ten new connections (MaxStartups).
const AT_A_TIME: usize = 8;

/// Returns for each target, `HOST:PORT`, whether sshd on the dock lets it be reached through ssh. Nothing need listen there
/// yet.
///
/// The session remembers what is allowed, because each attempt takes a connection of its own: the master keeps sshd's
/// reason to itself. If an attempt fails otherwise, nothing is known, and the forward may work.
///
/// # Errors
/// Fails if ssh is not installed, if a signal interrupted us, or if others can use the session's folder.
pub fn allowed_forwards(
    docks: &Docks,
    dock: &Dock,
    targets: &[String],
    runner: &Runner,
) -> Result<Vec<bool>> {
    let session = Session::find(docks, dock)?;
    let mut known = match &session {
        Some(session) => session.dir().read(FORWARDS)?.unwrap_or_default(),
        None => String::new(),
    };
    let is_known = |known: &str, target: &str| known.lines().any(|line| line == target);
    let mut unknown: Vec<&String> = targets.iter().filter(|target| !is_known(&known, target)).collect();
    unknown.sort();
    unknown.dedup();
    let mut prohibited = Vec::new();
    for some in unknown.chunks(AT_A_TIME) {
        let attempts: Vec<Command> = some.iter().map(|target| attempt(docks, dock, target)).collect();
        let outputs = runner.run_parallel(&attempts, TIMEOUT)?;
        for (target, output) in some.iter().zip(outputs) {
            if String::from_utf8_lossy(&output.stderr).contains(PROHIBITED) {
                prohibited.push(*target);
            } else {
                known.push_str(&format!("{target}\n"));
            }
        }
    }
    if let Some(session) = session.filter(|_| prohibited.len() < unknown.len()) {
        session.dir().write(FORWARDS, &known)?;
    }
    Ok(targets.iter().map(|target| !prohibited.contains(&target)).collect())
}

/// Returns the command that ends at once, with a message if sshd does not forward the target.
fn attempt(docks: &Docks, dock: &Dock, target: &str) -> Command {
    ssh_via_session(docks, dock, None)
        .args(["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "LogLevel=INFO"])
        .args(["-W", target, "--", &dock.destination()])
}
