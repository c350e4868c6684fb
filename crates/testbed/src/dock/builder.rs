//! The settings of a dock before it starts.

use dockerutils_testkit::find_program;

use super::Dock;
use super::client::Client;
use super::link::NetLink;
use super::machine::Machine;
use crate::unavailable::Unavailable;
use crate::version::{Version, find_dockerd};

/// The programs that a dock needs besides docker.
const PROGRAMS: &[&str] =
    &["ip", "iptables", "mkfs.ext4", "nsenter", "ssh", "ssh-keygen", "sshd", "sudo", "tc", "unshare"];

/// A dock that has not been started yet.
#[derive(Debug)]
#[must_use = "nothing runs until start()"]
pub struct Builder {
    pub(super) name: String,
    pub(super) version: Version,
    pub(super) sshd_options: Vec<String>,
    pub(super) hidden: Vec<String>,
    pub(super) disk: Option<u64>,
}

impl Builder {
    pub(super) fn new(name: &str, version: Version) -> Self {
        let name = name.to_owned();
        Builder { name, version, sshd_options: Vec::new(), hidden: Vec::new(), disk: None }
    }

    /// Adds a line to its sshd_config, with precedence over the lines that are there.
    pub fn sshd_option(mut self, line: &str) -> Self {
        self.sshd_options.push(line.to_owned());
        self
    }

    /// Hides a program, as if it were not installed. Without `docker` no engine is started either.
    pub fn without(mut self, program: &str) -> Self {
        self.hidden.push(program.to_owned());
        self
    }

    /// Keeps its engine's data on a disk of so many megabytes, which can be full and does not depend on the file system
    /// that the tests run on.
    pub fn disk(mut self, megabytes: u64) -> Self {
        self.disk = Some(megabytes);
        self
    }

    /// Starts it and waits until sshd and dockerd accept connections.
    ///
    /// # Errors
    /// Returns [`Unavailable`] if this machine cannot have it.
    pub fn start(self) -> Result<Dock, Unavailable> {
        find_dockerd(self.version)?;
        if let Some(missing) = PROGRAMS.iter().find(|program| find_program(program).is_none()) {
            return Err(Unavailable::Missing(missing.into()));
        }
        let machine = Machine::boot(&self)?;
        let link = NetLink::create(&machine)?;
        let client = Client::make(machine.state(), link.address(), self.version)?;
        let dock = Dock { version: self.version, link, client, machine };
        dock.run_ssh()?;
        if !self.hidden.iter().any(|program| program == "docker") {
            dock.run_docker()?;
        }
        Ok(dock)
    }
}
