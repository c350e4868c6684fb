//! The settings of a dock before it starts.

use std::net::Ipv4Addr;
use std::path::Path;

use dockerutils_testkit::find_program;

use super::Dock;
use super::client::Client;
use super::link::NetLink;
use super::machine::Machine;
use super::options::Options;
use super::program::run;
use crate::unavailable::Unavailable;
use crate::version::{Version, find_dockerd};

/// The programs that a dock needs besides docker.
const PROGRAMS: &[&str] =
    &["ip", "iptables", "mkfs.ext4", "nsenter", "ssh", "ssh-keygen", "sshd", "sudo", "tc", "unshare"];

/// A dock that has not been started yet.
#[derive(Debug)]
#[must_use = "nothing runs until start()"]
pub struct Builder {
    options: Options,
}

impl Dock {
    /// Returns a builder for a dock with this host name.
    pub fn builder(name: &str, version: Version) -> Builder {
        Builder { options: Options::new(name, version) }
    }

    /// Starts a dock and waits until sshd and dockerd accept connections.
    ///
    /// # Errors
    /// Returns [`Unavailable`] if this machine cannot have one.
    pub fn start(name: &str, version: Version) -> Result<Self, Unavailable> {
        Self::builder(name, version).start()
    }
}

impl Builder {
    /// Adds a line to its sshd_config, with precedence over the lines that are there.
    pub fn sshd_option(mut self, line: &str) -> Self {
        self.options.sshd_options.push(line.to_owned());
        self
    }

    /// Hides a program, as if it were not installed. Without `docker` no engine is started either.
    pub fn without(mut self, program: &str) -> Self {
        self.options.hidden.push(program.to_owned());
        self
    }

    /// Keeps its engine's data on a disk of so many megabytes, which can be full and does not depend on the file system
    /// that the tests run on.
    pub fn disk(mut self, megabytes: u64) -> Self {
        self.options.disk = Some(megabytes);
        self
    }

    /// Gives it this address. The first address of the same /24 is that of this machine.
    pub fn address(mut self, address: Ipv4Addr) -> Self {
        self.options.address = Some(address);
        self
    }

    /// Keeps its root file system in this folder after its end. A dock that is started with the folder of an earlier one
    /// has the files of that one, keys, homes and images included, as a machine has after a restart.
    pub fn keep_root(mut self, folder: &Path) -> Self {
        self.options.kept_root = Some(folder.to_owned());
        self
    }

    /// Runs a shell script on it as root before its link is up and its services start.
    pub fn boot_script(mut self, script: &str) -> Self {
        self.options.boot_script = Some(script.to_owned());
        self
    }

    /// Starts it and waits until sshd and dockerd accept connections.
    ///
    /// # Errors
    /// Returns [`Unavailable`] if this machine cannot have it.
    pub fn start(self) -> Result<Dock, Unavailable> {
        let version = self.options.version;
        find_dockerd(version)?;
        if let Some(missing) = PROGRAMS.iter().find(|program| find_program(program).is_none()) {
            return Err(Unavailable::Missing(missing.into()));
        }
        let machine = Machine::boot(&self.options)?;
        if let Some(script) = &self.options.boot_script {
            run(machine.command("sh").args(["-c", script]))?;
        }
        let link = match self.options.address {
            Some(address) => NetLink::create_at(&machine, address)?,
            None => NetLink::create(&machine)?,
        };
        let client = Client::make(machine.state(), link.address(), version)?;
        let dock = Dock { version, link, client, machine };
        dock.run_ssh()?;
        if !self.options.hidden.iter().any(|program| program == "docker") {
            dock.run_docker()?;
        }
        Ok(dock)
    }
}
