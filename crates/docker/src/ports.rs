//! Parses the published ports in the flags of `docker run`: `-p [[IP:]HOST:]CONTAINER[/PROTOCOL]`.

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
    /// The flags of the other ports, for which docker chooses the number, or which are not TCP.
    pub others: Vec<String>,
}

/// Returns the ports that flags publish.
pub(crate) fn ports(flags: &[Flag]) -> PublishedPorts {
    let mut ports = PublishedPorts::default();
    for (name, value) in flags {
        if let ("p" | "publish", Some(value)) = (*name, *value) {
            match numbered(value) {
                Some(numbered) => ports.numbered.extend(numbered),
                // The number that docker chooses is known only when the container runs.
                None => ports.others.push(format!("-p {value}")),
            }
        }
    }
    if is_on(flags, &["P", "publish-all"]) {
        ports.others.push("-P".to_owned());
    }
    ports
}

/// Returns the ports of a flag's value; a range has several. `None` if docker chooses the number, or without TCP.
fn numbered(value: &str) -> Option<Vec<PublishedPort>> {
    let (value, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let (host, _container) = value.rsplit_once(':').filter(|_| protocol == "tcp")?;
    let (address, port) = match host.rsplit_once(':') {
        Some((address, port)) => (Some(address.trim_matches(['[', ']'])), port),
        None => (None, host),
    };
    let (first, last) = port.split_once('-').unwrap_or((port, port));
    let numbers = first.parse::<u16>().ok().filter(|first| *first > 0)?..=last.parse::<u16>().ok()?;
    // These addresses mean every interface, as if none were named.
    let address = address.filter(|address| !matches!(*address, "" | "0.0.0.0" | "::")).map(str::to_owned);
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
    fn a_port_without_a_given_number_is_kept_as_its_flag() {
        let ports = read(&["-p", "8080", "--publish=53:53/udp", "-itp:80", "-P", "-p", "0:1", "-p", "x:y"]);
        assert_eq!(ports.numbered, []);
        assert_eq!(ports.others, ["-p 8080", "-p 53:53/udp", "-p :80", "-p 0:1", "-p x:y", "-P"]);
    }

    #[test]
    fn the_address_of_a_port_is_kept() {
        let ports = read(&["-p", "127.0.0.1:80:1"]);
        assert_eq!(ports.numbered[0].address.as_deref(), Some("127.0.0.1"));
    }
}
