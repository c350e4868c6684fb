//! One dock, as its record tells it.

use crate::{Address, Identity, InstanceId, Jump, Moniker, Port, Region, UserName};

/// A machine with docker that is reached through ssh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dock {
    /// Where it is; its folder's name.
    pub address: Address,
    /// What it is called; the address where it was given no moniker.
    pub moniker: Moniker,
    /// Who we are there.
    pub user: UserName,
    /// A host name, where the record gives another than the address.
    pub hostname: Option<Address>,
    /// Its id, if it is an EC2 instance.
    pub instance_id: Option<InstanceId>,
    /// The port of its sshd, if it is not what ssh takes.
    pub port: Option<Port>,
    /// The private key to use, and no other.
    pub identity: Option<Identity>,
    /// The hosts that ssh passes through.
    pub jump: Option<Jump>,
    /// The AWS region of its instance.
    pub region: Option<Region>,
}

impl Dock {
    /// A dock of which nothing is known but its address.
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
            region: None,
        }
    }

    /// `user@address`, ssh's destination.
    pub fn destination(&self) -> String {
        format!("{}@{}", self.user, self.address)
    }
}
