//! Published ports, as the flags of `docker run` say them: `-p [[IP:]HOST:]CONTAINER[/PROTOCOL]`.

use crate::flags::{Flag, is_on};

/// A TCP port that the engine's machine opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The address it listens on there, where one was named.
    pub address: Option<String>,
    /// The port there.
    pub port: u16,
}

/// The ports that a container opens on the engine's machine.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// Those whose number there is known.
    pub published: Vec<Published>,
    /// The others, in their flags' words: docker chooses the number, or they are not of TCP.
    pub others: Vec<String>,
}

/// The ports that flags publish. The number that docker is to choose is not known before the container runs.
pub(crate) fn ports(flags: &[Flag]) -> Ports {
    let mut ports = Ports::default();
    for (name, value) in flags {
        if let ("p" | "publish", Some(value)) = (*name, *value) {
            match published(value) {
                Some(published) => ports.published.extend(published),
                None => ports.others.push(format!("-p {value}")),
            }
        }
    }
    if is_on(flags, &["P", "publish-all"]) {
        ports.others.push("-P".to_owned());
    }
    ports
}

fn published(value: &str) -> Option<Vec<Published>> {
    let (value, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let (host, _container) = value.rsplit_once(':').filter(|_| protocol == "tcp")?;
    let (address, port) = match host.rsplit_once(':') {
        Some((address, port)) => (Some(address.trim_matches(['[', ']'])), port),
        None => (None, host),
    };
    let (first, last) = port.split_once('-').unwrap_or((port, port));
    let numbers = first.parse::<u16>().ok().filter(|first| *first > 0)?..=last.parse::<u16>().ok()?;
    let address = address.filter(|address| !matches!(*address, "" | "0.0.0.0" | "::")).map(str::to_owned);
    Some(numbers.map(|port| Published { address: address.clone(), port }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::flags;

    fn read(words: &[&str]) -> Ports {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        ports(&flags(&words))
    }

    fn numbers(words: &[&str]) -> Vec<u16> {
        let ports = read(words);
        assert_eq!(ports.others, Vec::<String>::new());
        ports.published.iter().map(|published| published.port).collect()
    }

    #[test]
    fn every_form_is_read() {
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
    fn what_has_no_number_there_is_known_by_its_words() {
        let ports = read(&["-p", "8080", "--publish=53:53/udp", "-itp:80", "-P", "-p", "0:1", "-p", "x:y"]);
        assert_eq!(ports.published, []);
        assert_eq!(ports.others, ["-p 8080", "-p 53:53/udp", "-p :80", "-p 0:1", "-p x:y", "-P"]);
    }

    #[test]
    fn an_address_of_its_own_is_kept() {
        let ports = read(&["-p", "127.0.0.1:80:1"]);
        assert_eq!(ports.published[0].address.as_deref(), Some("127.0.0.1"));
    }
}
