//! A dock as a machine: how ssh reaches it, what it lets through, and what is needed or left there.

mod machine;
mod sessions;
mod sshd;

use std::time::Duration;

use chrono::{DateTime, Utc};

pub use self::sessions::{SessionFacts, judge_sessions};
use crate::{Finding, MachineFacts, Place};

/// From this time on, every command is noticeably slower: a request takes two round trips.
const SLOW: Duration = Duration::from_millis(300);

/// What is known about a dock beside its engine.
#[derive(Debug)]
pub struct DockFacts {
    /// Its moniker.
    pub moniker: String,
    /// Its address.
    pub address: String,
    /// The user to log in as.
    pub user: String,
    /// The path of the engine's socket there.
    pub engine_socket: String,
    /// The facts that the script has printed there.
    pub machine: Result<MachineFacts, ScriptFault>,
    /// The fingerprint of its host key.
    pub host_key: Option<String>,
    /// How long a request to its engine takes.
    pub took: Option<Duration>,
    /// How docker's socket arrives here.
    pub socket: SocketForwarding,
    /// Whether sshd lets ports be forwarded.
    pub forwards_ports: bool,
    /// Whether it is an instance of EC2.
    pub is_on_ec2: bool,
    /// The time.
    pub now: DateTime<Utc>,
}

/// Why there are no facts about a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptFault {
    /// The login shell has run no script.
    Refused,
    /// The script has not ended in time, or the connection has ended before it.
    Unfinished,
}

/// How docker's socket arrives here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SocketForwarding {
    /// sshd forwards it.
    Forwarded,
    /// sshd forwards no sockets, so docker runs an ssh for each call.
    ThroughSsh,
    /// It does not arrive, for the reason that `engine.reachable` has.
    #[default]
    Unknown,
}

impl DockFacts {
    /// Judges the dock, which ssh has reached.
    pub fn judge(&self) -> Vec<Finding> {
        let place = Place::Dock(self.moniker.clone());
        let mut findings = vec![Finding::ok("dock.ssh", format!("{} is reached", self.moniker))];
        findings.push(self.host_key());
        findings.extend(self.took.map(latency));
        let machine = match &self.machine {
            Ok(machine) => machine,
            Err(fault) => {
                findings.push(self.no_script(*fault));
                return findings;
            }
        };
        findings.push(Finding::ok("dock.shell", "the login shell runs commands"));
        findings.extend(sshd::limits(machine, &place));
        findings.push(sshd::sockets(machine, &self.socket, &place));
        findings.push(sshd::ports(self.forwards_ports, &place));
        findings.extend(machine::judge(machine, &self.engine_socket, &place));
        if self.is_on_ec2 {
            findings.push(machine::idle_timer(machine, self.now, &place));
        }
        findings
    }

    fn host_key(&self) -> Finding {
        let id = "dock.host-key";
        match &self.host_key {
            Some(key) => Finding::ok(id, key),
            None => {
                Finding::warning(id, "its host key is not stored, so another machine could take its place")
                    .fix(format!("ssh-dock {} -- true", self.moniker))
            }
        }
    }

    fn no_script(&self, fault: ScriptFault) -> Finding {
        let (id, DockFacts { moniker, address, user, .. }) = ("dock.shell", self);
        match fault {
            ScriptFault::Refused => {
                let evidence = format!(
                    "the login shell of {user} runs no commands, so nothing is known about the machine"
                );
                Finding::problem(id, evidence).fix(format!(
                    "register-dock {address} {moniker} -u USER   # another user, or as root on the dock: chsh -s /bin/sh {user}"
                ))
            }
            ScriptFault::Unfinished => {
                let evidence = "the commands that look at the machine have not ended in time, so nothing is known about it";
                Finding::warning(id, evidence).fix(format!("ssh-dock {moniker} -- uptime"))
            }
        }
    }
}

fn latency(took: Duration) -> Finding {
    let evidence = format!("a request to its engine takes {} ms", took.as_millis());
    if took < SLOW {
        return Finding::ok("dock.latency", evidence);
    }
    Finding::warning("dock.latency", evidence)
        .fix("use a region nearby, or a network or VPN that is closer to the dock")
}

#[cfg(test)]
mod tests;
