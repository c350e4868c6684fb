//! A destination of ssh as people write or paste it: `host`, `user@host:port`, `ssh://user@host:port`, `[fd00::5]:22`,
//! `fe80::1%eth0`.

use std::net::Ipv6Addr;
use std::str::FromStr;

use crate::{Address, Invalid, Moniker, Port, UserName};

/// A machine, and how the user wrote that ssh reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The user, if one was written.
    pub user: Option<UserName>,
    /// The host.
    pub address: Address,
    /// The zone of a link-local IPv6 address, such as `eth0`, if one was written.
    pub zone: Option<Moniker>,
    /// The port, if one was written.
    pub port: Option<Port>,
}

impl FromStr for Destination {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rest = match text.get(..6) {
            Some(scheme) if scheme.eq_ignore_ascii_case("ssh://") => text[6..].trim_end_matches('/'),
            _ => text,
        };
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        let (host, port) = split_port(place);
        let (address, zone) = match host.split_once('%') {
            Some((address, zone)) if address.parse::<Ipv6Addr>().is_ok() => (address, Some(zone)),
            _ => (host, None),
        };
        Ok(Destination {
            user: user.map(str::parse).transpose()?,
            address: address.parse()?,
            zone: zone.map(str::parse).transpose()?,
            port: port.map(str::parse).transpose()?,
        })
    }
}

/// Splits `host:port`. Brackets around an IPv6 address separate it from the port; without them there is none.
fn split_port(place: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return match rest.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if rest.is_empty() => (host, None),
            None => (place, None),
        };
    }
    match place.split_once(':') {
        Some((host, port)) if !is_ipv6(place) => (host, Some(port)),
        _ => (place, None),
    }
}

fn is_ipv6(place: &str) -> bool {
    place.split('%').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}
