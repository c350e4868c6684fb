//! The values that a registration sets: a new dock gets defaults for the others, a registered one keeps its own.

use std::str::FromStr;

use crate::{Account, Address, Dock, Identity, InstanceId, Jump, Moniker, Port, Profile, Region, UserName};

/// What happens to a value that a record may have or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The value stays as it is.
    #[default]
    Keep,
    /// The value is removed.
    Clear,
    /// The value is replaced.
    Set(T),
}

impl<T> Change<T> {
    fn apply(self, known: Option<T>) -> Option<T> {
        match self {
            Change::Keep => known,
            Change::Clear => None,
            Change::Set(value) => Some(value),
        }
    }

    /// Sets the value, if there is one and this change keeps what is there.
    pub fn set_if_kept(&mut self, value: Option<T>) {
        if let (Change::Keep, Some(value)) = (&*self, value) {
            *self = Change::Set(value);
        }
    }
}

impl<T: FromStr> FromStr for Change<T> {
    type Err = T::Err;

    /// Parses a value; an empty text removes it.
    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text.is_empty() { Ok(Change::Clear) } else { text.parse().map(Change::Set) }
    }
}

/// The values to set; `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The dock's short name.
    pub moniker: Option<Moniker>,
    /// The user to log in as.
    pub user: Option<UserName>,
    /// The port of its sshd.
    pub port: Change<Port>,
    /// The private key to use, and no other.
    pub identity: Change<Identity>,
    /// The jump hosts.
    pub jump: Change<Jump>,
    /// The ID of its EC2 instance.
    pub instance_id: Change<InstanceId>,
    /// The AWS region of its instance.
    pub region: Change<Region>,
    /// The AWS account of its instance.
    pub account: Change<Account>,
    /// The profile of the AWS configuration for its instance.
    pub profile: Change<Profile>,
}

impl Changes {
    /// Returns the dock at this address with the changes made; `known` is what is registered there.
    pub fn apply(&self, address: &Address, known: Option<Dock>) -> Dock {
        let known = known.unwrap_or_else(|| Dock::new(address.clone()));
        let Changes { moniker, user, port, identity, jump, instance_id, region, account, profile } =
            self.clone();
        Dock {
            moniker: moniker.unwrap_or(known.moniker),
            user: user.unwrap_or(known.user),
            port: port.apply(known.port),
            identity: identity.apply(known.identity),
            jump: jump.apply(known.jump),
            instance_id: instance_id.apply(known.instance_id),
            region: region.apply(known.region),
            account: account.apply(known.account),
            profile: profile.apply(known.profile),
            ..known
        }
    }
}
