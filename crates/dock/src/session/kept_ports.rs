//! Ports of this machine that lead to a dock and stay open after the command that has opened them, as those of notebooks.
//!
//! The master connection holds them. The list is there to find them again, and to open them again with a lost connection.

use std::time::Duration;

use dockerutils_command::Runner;

use super::folder::KEPT_PORTS;
use super::reopen::dock_of;
use super::{Result, Session};

/// How long ssh may take to open ports.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A port that stays open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPort {
    /// What it belongs to; without blanks. A session has one port of each name.
    pub name: String,
    /// The port on this machine.
    pub local: u16,
    /// Where it leads to on the dock: `HOST:PORT`, or the path of a socket.
    pub target: String,
    /// Whether it keeps the session open, although no process holds it.
    pub holds: bool,
}

impl Session {
    /// Returns the ports that stay open.
    ///
    /// # Errors
    /// Fails if the session's folder cannot be read.
    pub fn kept_ports(&self) -> Result<Vec<KeptPort>> {
        let text = self.dir().read(KEPT_PORTS)?.unwrap_or_default();
        Ok(text.lines().filter_map(KeptPort::parse).collect())
    }

    /// Adds a port to the list, in place of the one with the same name.
    ///
    /// # Errors
    /// Fails if the session's folder cannot be written.
    pub fn keep_port(&self, port: &KeptPort) -> Result {
        self.change_ports(|ports| {
            ports.retain(|other| other.name != port.name);
            ports.push(port.clone());
        })
    }

    /// Removes a port from the list. The session is closed if nothing else holds it.
    ///
    /// # Errors
    /// Fails if the session's folder cannot be written.
    pub fn release_port(&self, name: &str) -> Result {
        self.change_ports(|ports| ports.retain(|other| other.name != name))
    }

    fn change_ports(&self, change: impl FnOnce(&mut Vec<KeptPort>)) -> Result {
        // Another process may have closed the session.
        let Some(locked) = self.lock()? else { return Ok(()) };
        let mut ports = self.kept_ports()?;
        change(&mut ports);
        let text: String = ports.iter().map(KeptPort::line).collect();
        Ok(locked.session.dir().write(KEPT_PORTS, &text)?)
    }

    /// Returns whether a port holds the session. None does if the dock is not registered any more.
    pub(super) fn has_holding_port(&self) -> Result<bool> {
        Ok(self.kept_ports()?.iter().any(|port| port.holds) && dock_of(self)?.is_some())
    }

    /// Opens the ports again, after the connection was lost. One that another program has taken meanwhile stays closed.
    pub(super) fn open_kept_ports(&self) -> Result {
        let control = self.control();
        let commands: Vec<_> =
            self.kept_ports()?.iter().map(|port| control.open_port(port.local, &port.target)).collect();
        if !commands.is_empty() {
            Runner::default().run_parallel(&commands, TIMEOUT)?;
        }
        Ok(())
    }
}

impl KeptPort {
    /// Parses a line as [`line`](Self::line) returns it. The target comes last because a path may contain blanks.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        let (holds, local) = (words.next()? == "holds", words.next()?.parse().ok()?);
        let (name, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        Some(KeptPort { name, local, target, holds })
    }

    fn line(&self) -> String {
        let KeptPort { name, local, target, holds } = self;
        format!("{} {local} {name} {target}\n", if *holds { "holds" } else { "shares" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_keeps_one_port_of_each_name() {
        let temp = tempfile::tempdir().unwrap();
        let locked = Session::create(&temp.path().join("private/dock")).unwrap();
        let session = locked.session.clone();
        drop(locked);
        let port = |name: &str, local, holds| KeptPort {
            name: name.to_owned(),
            local,
            target: "/home/a b/socket".to_owned(),
            holds,
        };
        session.keep_port(&port("ada@1-2", 8888, true)).unwrap();
        session.keep_port(&port("bob@1-2", 8889, false)).unwrap();
        session.keep_port(&port("ada@1-2", 8890, true)).unwrap();
        let expected = [port("bob@1-2", 8889, false), port("ada@1-2", 8890, true)];
        assert_eq!(session.kept_ports().unwrap(), expected);
        session.release_port("ada@1-2").unwrap();
        assert_eq!(session.kept_ports().unwrap(), expected[..1]);
    }
}
