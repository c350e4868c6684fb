//! The published ports of a container, as `docker container ls` lists them.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use crate::ports::{PublishedPort, specific};

/// Parses the ports of a container as `docker container ls` lists them: the TCP ports that are published, each once.
///
/// Like ports are listed together: `0.0.0.0:8000-8002->80-82/tcp, :::8000-8002->80-82/tcp, 9999/tcp`.
pub(crate) fn parse_listed_ports(list: &str) -> Vec<(u16, PublishedPort)> {
    let mut seen = HashSet::new();
    let mut ports: Vec<_> = list.split(", ").filter_map(listed_ports).flatten().collect();
    // The second one is that of IPv6.
    ports.retain(|(container, published)| seen.insert((*container, published.port)));
    ports
}

fn listed_ports(entry: &str) -> Option<impl Iterator<Item = (u16, PublishedPort)>> {
    let (host, container) = entry.split_once("->")?;
    let (address, host) = host.rsplit_once(':')?;
    let address = specific(address);
    let (host, container) = (listed_range(host)?, listed_range(container.strip_suffix("/tcp")?)?);
    Some(
        container
            .zip(host)
            .map(move |(container, port)| (container, PublishedPort { address: address.clone(), port })),
    )
}

fn listed_range(ports: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    Some(first.parse().ok()?..=last.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_ports_are_those_of_tcp_each_once() {
        let list = "0.0.0.0:5353->53/udp, [::]:5353->53/udp, 127.0.0.1:18080->80/tcp, [::1]:81->81/tcp, \
                    0.0.0.0:19000-19001->9000-9001/tcp, :::19000-19001->9000-9001/tcp, 9999/tcp";
        let ports = parse_listed_ports(list).into_iter();
        let ports: Vec<_> = ports.map(|(container, it)| (container, it.address, it.port)).collect();
        let address = |text: &str| Some(text.to_owned());
        let expected = [
            (80, address("127.0.0.1"), 18080),
            (81, address("::1"), 81),
            (9000, None, 19000),
            (9001, None, 19001),
        ];
        assert_eq!(ports, expected);
        for list in ["", "x", "1->2/tcp", "a:b->c/tcp", "0.0.0.0:70000->1/tcp"] {
            assert_eq!(parse_listed_ports(list), [], "{list}");
        }
    }
}
