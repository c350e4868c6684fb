//! Parses the published ports in the flags of `docker run`: `-p [[IP:]HOST:]CONTAINER[/PROTOCOL]`.

use std::ops::RangeInclusive;

use dockerutils_command::Command;

use crate::flags::{Flag, is_on};

/// A TCP port that a container opens on the engine's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPort {
    /// The address to listen on, if the flag names one.
    pub address: Option<String>,
    /// The port on the engine's machine.
    pub port: u16,
}

/// The ports that a container opens on the engine's machine.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PublishedPorts {
    /// The TCP ports with a given number.
    pub numbered: Vec<PublishedPort>,
    /// The flags of the TCP ports for which docker chooses the number when the container starts.
    pub chosen: Vec<String>,
    /// The flags of the ports that are not TCP, or that docker refuses.
    pub others: Vec<String>,
}

/// A TCP port of a container, as a flag publishes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortMapping {
    /// The address to listen on, as written.
    pub address: Option<String>,
    /// The port on the engine's machine; `None` if docker chooses it.
    pub host: Option<u16>,
    /// The port of the container.
    pub container: u16,
}

impl PortMapping {
    /// Parses the value of `-p`. `None` for a range, and for ports that are not TCP.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let (value, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
        let (host, container) = value.rsplit_once(':').unwrap_or(("", value));
        let (address, port) =
            host.rsplit_once(':').map_or((None, host), |(address, port)| (Some(address), port));
        let host = if matches!(port, "" | "0") { None } else { Some(port.parse().ok()?) };
        let container = container.parse().ok().filter(|_| protocol == "tcp")?;
        Some(PortMapping {
            address: address.filter(|address| !address.is_empty()).map(str::to_owned),
            host,
            container,
        })
    }

    /// Returns the value of `-p` that publishes it.
    pub fn value(&self) -> String {
        let port = self.host.map(|port| port.to_string()).unwrap_or_default();
        match &self.address {
            Some(address) => format!("{address}:{port}:{}", self.container),
            None => format!("{port}:{}", self.container),
        }
    }
}

/// Ports of a container that one flag publishes together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortRange {
    /// The flag, as in `-p 8000-8002:8000-8002`.
    pub flag: String,
    /// The ports of the container.
    pub container: RangeInclusive<u16>,
}

/// Returns the ranges of TCP ports that flags publish.
pub(crate) fn ranges(flags: &[Flag]) -> Vec<PortRange> {
    let values = flags.iter().filter(|(name, _)| matches!(*name, "p" | "publish"));
    values.filter_map(|(_, value)| PortRange::parse((*value)?)).collect()
}

impl PortRange {
    fn parse(value: &str) -> Option<Self> {
        let (ports, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
        let (host, container) = ports.rsplit_once(':').unwrap_or(("", ports));
        // From a range of the host docker chooses the port, also for a single one of the container.
        let is_range =
            container.contains('-') || host.rsplit(':').next().is_some_and(|port| port.contains('-'));
        let (first, last) = container.split_once('-').unwrap_or((container, container));
        let container = first.parse().ok()?..=last.parse().ok()?;
        (is_range && protocol == "tcp").then(|| PortRange { flag: format!("-p {value}"), container })
    }
}

/// Returns the ports that flags publish one by one.
pub(crate) fn mappings(flags: &[Flag]) -> Vec<PortMapping> {
    let values = flags.iter().filter(|(name, _)| matches!(*name, "p" | "publish"));
    values.filter_map(|(_, value)| PortMapping::parse((*value)?)).collect()
}

/// A port of a container, for which docker has chosen a port on the engine's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenPort {
    /// The port of the container.
    pub container: u16,
    /// The port on the engine's machine.
    pub published: PublishedPort,
}

/// Returns `docker port`, whose output [`parse_ports`] reads.
pub fn port_command(container: &str) -> Command {
    Command::new("docker").args(["port", container])
}

/// Parses the output of `docker port`: the TCP ports, each once, lines such as `80/tcp -> 0.0.0.0:49153`.
pub fn parse_ports(output: &[u8]) -> Vec<ChosenPort> {
    let mut ports: Vec<ChosenPort> = Vec::new();
    for line in String::from_utf8_lossy(output).lines() {
        let Some(port) = parse_port(line) else { continue };
        // A port has a line for IPv4 and one for IPv6.
        if ports.iter().all(|known| known.published.port != port.published.port) {
            ports.push(port);
        }
    }
    ports
}

fn parse_port(line: &str) -> Option<ChosenPort> {
    let (container, host) = line.split_once(" -> ")?;
    let container = container.strip_suffix("/tcp")?.parse().ok()?;
    let (address, port) = host.trim_end().rsplit_once(':')?;
    let published = PublishedPort { address: specific(address), port: port.parse().ok()? };
    Some(ChosenPort { container, published })
}

/// Returns the ports that flags publish.
pub(crate) fn ports(flags: &[Flag]) -> PublishedPorts {
    let mut ports = PublishedPorts::default();
    for (name, value) in flags {
        if let ("p" | "publish", Some(value)) = (*name, *value) {
            match numbered(value) {
                Some(numbered) => ports.numbered.extend(numbered),
                None if is_chosen(value) => ports.chosen.push(format!("-p {value}")),
                None => ports.others.push(format!("-p {value}")),
            }
        }
    }
    if is_on(flags, &["P", "publish-all"]) {
        ports.chosen.push("-P".to_owned());
    }
    ports
}

/// Returns whether docker chooses the number of a flag's TCP port: `80`, `:80`, `0:80`, `127.0.0.1::80`.
fn is_chosen(value: &str) -> bool {
    let (value, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let (host, container) = value.rsplit_once(':').unwrap_or(("", value));
    let port = host.rsplit_once(':').map_or(host, |(_, port)| port);
    let (first, last) = container.split_once('-').unwrap_or((container, container));
    let is_container =
        [first, last].iter().all(|number| number.parse::<u16>().is_ok_and(|number| number > 0));
    protocol == "tcp" && is_container && matches!(port, "" | "0")
}

/// Returns an address unless it means every interface, as if none were named.
pub(crate) fn specific(address: &str) -> Option<String> {
    let address = address.trim_matches(['[', ']']);
    (!matches!(address, "" | "0.0.0.0" | "::")).then(|| address.to_owned())
}

/// Returns the ports of a flag's value; a range has several. `None` if docker chooses the number, or without TCP.
fn numbered(value: &str) -> Option<Vec<PublishedPort>> {
    let (value, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let (host, _container) = value.rsplit_once(':').filter(|_| protocol == "tcp")?;
    let (address, port) = match host.rsplit_once(':') {
        Some((address, port)) => (specific(address), port),
        None => (None, host),
    };
    let (first, last) = port.split_once('-').unwrap_or((port, port));
    let numbers = first.parse::<u16>().ok().filter(|first| *first > 0)?..=last.parse::<u16>().ok()?;
    Some(numbers.map(|port| PublishedPort { address: address.clone(), port }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::{RUN_SWITCHES, flags};

    fn read(words: &[&str]) -> PublishedPorts {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        ports(&flags(&words, &RUN_SWITCHES))
    }

    fn numbers(words: &[&str]) -> Vec<u16> {
        let ports = read(words);
        assert_eq!(ports.others, Vec::<String>::new());
        ports.numbered.iter().map(|published| published.port).collect()
    }

    #[test]
    fn every_form_of_a_port_is_parsed() {
        assert_eq!(
            numbers(&["-p", "80:8080", "--publish", "81:1/tcp", "--publish=82:2", "-p83:3", "-dp", "84:4"]),
            [80, 81, 82, 83, 84]
        );
        assert_eq!(
            numbers(&["-p", "0.0.0.0:80:1", "-p", "[::1]:81:1", "-p", "90-92:90-92", "-P=false", "--pull"]),
            [80, 81, 90, 91, 92]
        );
    }

    #[test]
    fn a_mapping_keeps_what_is_written() {
        let mapping = |address: Option<&str>, host, container| {
            Some(PortMapping { address: address.map(str::to_owned), host, container })
        };
        for (value, expected, written) in [
            ("80:8080", mapping(None, Some(80), 8080), "80:8080"),
            ("0.0.0.0:80:1/tcp", mapping(Some("0.0.0.0"), Some(80), 1), "0.0.0.0:80:1"),
            ("[::1]::81", mapping(Some("[::1]"), None, 81), "[::1]::81"),
            ("8888", mapping(None, None, 8888), ":8888"),
            ("53:53/udp", None, ""),
            ("90-92:90-92", None, ""),
        ] {
            assert_eq!(PortMapping::parse(value), expected, "{value}");
            assert_eq!(expected.map(|mapping| mapping.value()).unwrap_or_default(), written);
        }
    }

    #[test]
    fn a_range_covers_ports_of_the_container() {
        for (value, expected) in [
            ("8888-8890:8888-8890", Some(8888..=8890)),
            ("127.0.0.1:9000-9001:80-81/tcp", Some(80..=81)),
            ("8000-8002", Some(8000..=8002)),
            ("9000-9010:80", Some(80..=80)),
            ("127.0.0.1:9000-9010:80", Some(80..=80)),
            ("80:80", None),
            ("50-53:50-53/udp", None),
        ] {
            assert_eq!(PortRange::parse(value).map(|range| range.container), expected, "{value}");
        }
    }

    #[test]
    fn a_port_for_which_docker_chooses_the_number_is_kept_as_its_flag() {
        let chosen = ["8080", ":80", "0:1", "80/tcp", "127.0.0.1::80", "8000-8002"];
        let words: Vec<&str> = chosen.iter().flat_map(|value| ["-p", value]).chain(["-P"]).collect();
        let ports = read(&words);
        assert_eq!((ports.numbered, ports.others), (vec![], vec![]));
        assert_eq!(
            ports.chosen,
            ["-p 8080", "-p :80", "-p 0:1", "-p 80/tcp", "-p 127.0.0.1::80", "-p 8000-8002", "-P"]
        );
        assert_eq!(read(&["-itp:80"]).chosen, ["-p :80"]);
    }

    #[test]
    fn a_port_that_is_not_tcp_is_kept_as_its_flag() {
        let ports = read(&["--publish=53:53/udp", "-p", "53/udp", "-p", "x:y", "-p", "0"]);
        assert_eq!((ports.numbered, ports.chosen), (vec![], vec![]));
        assert_eq!(ports.others, ["-p 53:53/udp", "-p 53/udp", "-p x:y", "-p 0"]);
    }

    #[test]
    fn the_output_of_docker_port_is_parsed() {
        let output = "80/tcp -> 0.0.0.0:49153\n80/tcp -> [::]:49153\n53/udp -> 0.0.0.0:5353\n\
                      81/tcp -> 127.0.0.1:49154\n82/tcp -> [::1]:49155\nno port\n";
        let port = |container, address: Option<&str>, port| ChosenPort {
            container,
            published: PublishedPort { address: address.map(str::to_owned), port },
        };
        assert_eq!(
            parse_ports(output.as_bytes()),
            [port(80, None, 49153), port(81, Some("127.0.0.1"), 49154), port(82, Some("::1"), 49155)]
        );
    }

    #[test]
    fn the_address_of_a_port_is_kept() {
        let ports = read(&["-p", "127.0.0.1:80:1"]);
        assert_eq!(ports.numbered[0].address.as_deref(), Some("127.0.0.1"));
    }
}
