//! The machine on which an engine runs, and how it is reached.

use dockerutils_command::Command;
use dockerutils_ssh::ControlSocket;

/// The machine whose engine images are sent to.
#[derive(Debug, Clone)]
pub enum Host {
    /// This machine: `transfer-image --apply` loads into its engine in the same way.
    Local,
    /// A machine that ssh reaches.
    Ssh(Box<SshHost>),
}

/// A machine that ssh reaches.
#[derive(Debug, Clone)]
pub struct SshHost {
    /// The name that the user calls it by, for messages.
    pub name: String,
    /// `ssh` with its options and without a destination.
    pub ssh: Command,
    /// The destination that ssh connects to.
    pub destination: String,
    /// The control socket of a master connection that is open already; `None` opens a new one.
    pub control: Option<ControlSocket>,
}

impl Host {
    /// Returns the name of the host for messages.
    pub fn name(&self) -> &str {
        match self {
            Host::Local => "this machine",
            Host::Ssh(host) => &host.name,
        }
    }
}
