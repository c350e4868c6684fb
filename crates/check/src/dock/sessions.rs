//! Sessions of docks on this machine: those that a killed terminal has left, and those whose connection was lost.

use std::path::PathBuf;

use dockerutils_command::Command;

use crate::Finding;

const ID: &str = "dock.sessions";

/// A session of this user on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    /// The dock's moniker.
    pub moniker: String,
    /// The session's folder.
    pub folder: PathBuf,
    /// Whether ssh listens on its control socket.
    pub is_connected: bool,
    /// The number of processes that hold it.
    pub holders: usize,
}

/// Judges the sessions; a session that is open and held is as it should be.
pub fn judge_sessions(sessions: &[SessionFacts]) -> Finding {
    let lost: Vec<&SessionFacts> = sessions.iter().filter(|session| !session.is_connected).collect();
    if let Some(stale) = lost.iter().find(|session| session.holders == 0) {
        let SessionFacts { moniker, folder, .. } = stale;
        let evidence = format!("a session of {moniker} was left behind in {}", folder.display());
        // It leaves the session open if a terminal has joined it meanwhile.
        let close = Command::new("dock-session").arg("close").arg(folder);
        return Finding::warning(ID, evidence).safe_fix(close);
    }
    if let Some(SessionFacts { moniker, holders, .. }) = lost.first() {
        let evidence =
            format!("the connection to {moniker} was lost, and its session is held by {}", count(*holders));
        return Finding::warning(ID, evidence).fix("dock-session ensure   # in one of these terminals");
    }
    Finding::ok(ID, format!("{} open, none left behind", sessions.len()))
}

fn count(holders: usize) -> String {
    if holders == 1 {
        "one terminal or command".to_owned()
    } else {
        format!("{holders} terminals and commands")
    }
}
