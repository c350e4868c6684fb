//! ssh to a dock: the dock's own host key, identity, port and jump hosts, and the user's `~/.ssh/config` for the rest.

use dockerutils_command::Command;
use dockerutils_ssh::HostOptions;

use crate::{Dock, Docks};

impl Docks {
    /// Returns `ssh` with the dock's options and without a destination: add `.arg("--").arg(dock.destination())`.
    pub fn ssh(&self, dock: &Dock) -> Command {
        self.ssh_options(dock).command()
    }

    /// Returns the options of ssh that the record sets.
    pub(crate) fn ssh_options(&self, dock: &Dock) -> HostOptions {
        HostOptions {
            known_hosts: self.known_hosts(dock),
            host_key_alias: dock.address.to_string(),
            port: dock.port.map(|port| port.to_string()),
            identity: dock.identity.as_ref().map(|identity| self.identity_path(identity)),
            jump: dock.jump.as_ref().map(ToString::to_string),
        }
    }
}
