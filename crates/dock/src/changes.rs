//! The values that a registration sets: a new dock gets defaults for the others, a registered one keeps its own.

use crate::{Address, Dock, Identity, Jump, Moniker, Port, UserName};

/// The values to set; `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The dock's short name.
    pub moniker: Option<Moniker>,
    /// The user to log in as.
    pub user: Option<UserName>,
    /// The port of its sshd.
    pub port: Option<Port>,
    /// The private key to use, and no other.
    pub identity: Option<Identity>,
    /// The jump hosts.
    pub jump: Option<Jump>,
}

impl Changes {
    /// Returns the dock at this address with the changes made; `known` is what is registered there.
    pub fn apply(&self, address: &Address, known: Option<Dock>) -> Dock {
        let known = known.unwrap_or_else(|| Dock::new(address.clone()));
        Dock {
            moniker: self.moniker.clone().unwrap_or(known.moniker),
            user: self.user.clone().unwrap_or(known.user),
            port: self.port.or(known.port),
            identity: self.identity.clone().or(known.identity),
            jump: self.jump.clone().or(known.jump),
            ..known
        }
    }
}
