//! What registering a dock says of it: a new one takes defaults for the rest, a known one stays as it was.

use crate::{Address, Dock, Identity, Jump, Moniker, Port, UserName};

/// What is said of a dock; what is left out does not change.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// What to call it.
    pub moniker: Option<Moniker>,
    /// Who to be there.
    pub user: Option<UserName>,
    /// The port of its sshd.
    pub port: Option<Port>,
    /// The private key to use.
    pub identity: Option<Identity>,
    /// The hosts to pass through.
    pub jump: Option<Jump>,
}

impl Changes {
    /// The dock at this address as it is from now on.
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
