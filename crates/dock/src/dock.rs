//! One dock, as its record describes it.

use crate::{
    Account, Address, Identity, InstanceId, Jump, JupyterPath, Moniker, Port, Profile, Region, SocketPath,
    UserName,
};

/// The path at which docker's engine usually listens.
pub(crate) const USUAL_SOCKET: &str = "/var/run/docker.sock";

/// A machine with docker that is reached through ssh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dock {
    /// Its host name or IP address, which is also its folder's name.
    pub address: Address,
    /// Its short name; the address if it was registered without a moniker.
    pub moniker: Moniker,
    /// The user to log in as.
    pub user: UserName,
    /// Its host name, if the record names another than the address.
    pub hostname: Option<Address>,
    /// Its instance ID, if it is an EC2 instance.
    pub instance_id: Option<InstanceId>,
    /// The port of its sshd; `None` leaves the port to ssh's configuration.
    pub port: Option<Port>,
    /// The private key to use, and no other.
    pub identity: Option<Identity>,
    /// The jump hosts.
    pub jump: Option<Jump>,
    /// The engine's socket, if it is not the usual one.
    pub socket: Option<SocketPath>,
    /// The Jupyter that is used on the machine itself; `None` to search for it.
    pub jupyter: Option<JupyterPath>,
    /// The AWS region of its instance.
    pub region: Option<Region>,
    /// The AWS account of its instance.
    pub account: Option<Account>,
    /// The profile of the AWS configuration with which the instance was created; `None` if none was named.
    pub profile: Option<Profile>,
}

impl Dock {
    /// Creates a dock with this address and defaults for everything else.
    pub fn new(address: Address) -> Self {
        Dock {
            moniker: Moniker::from(&address),
            address,
            user: UserName::ubuntu(),
            hostname: None,
            instance_id: None,
            port: None,
            identity: None,
            jump: None,
            socket: None,
            jupyter: None,
            region: None,
            account: None,
            profile: None,
        }
    }

    /// Returns the name that stays the same for as long as the machine exists: the instance ID of a dock on EC2, whose
    /// address changes when it is stopped and started, else the address.
    ///
    /// The host key is stored under this name, and the session is named after it.
    pub fn identity(&self) -> &str {
        self.instance_id.as_ref().map_or(self.address.as_str(), InstanceId::as_str)
    }

    /// Returns whether the dock has an address. An instance has none if another instance got its last one; its folder is
    /// then named after its ID.
    pub fn has_address(&self) -> bool {
        self.instance_id.as_ref().is_none_or(|id| id.as_str() != self.address.as_str())
    }

    /// Returns `user@address`, ssh's destination.
    pub fn destination(&self) -> String {
        format!("{}@{}", self.user, self.address)
    }

    /// Returns the path of the engine's socket.
    pub fn engine_socket(&self) -> &str {
        self.socket.as_ref().map_or(USUAL_SOCKET, SocketPath::as_str)
    }

    /// Returns `ssh://user@address:port`, as `DOCKER_HOST` takes it.
    pub fn ssh_url(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("ssh://{}@{}{port}", self.user, self.address.in_url())
    }
}
