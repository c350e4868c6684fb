//! Published ports, as the flags of `docker run` say them: `-p [[IP:]HOST:]CONTAINER[/PROTOCOL]`.

use crate::flags::Flag;

/// A TCP port that the engine's machine opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The address it listens on there, where one was named.
    pub address: Option<String>,
    /// The port there.
    pub port: u16,
}

/// The ports that flags publish by number. One that docker is to choose is not known before the container runs.
pub(crate) fn published(flags: &[Flag]) -> Vec<Published> {
    let values = flags.iter().filter(|(name, _)| ["p", "publish"].contains(name));
    values.filter_map(|(_, value)| *value).flat_map(ports_of).collect()
}

fn ports_of(value: &str) -> Vec<Published> {
    let (value, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let Some((host, _container)) = value.rsplit_once(':').filter(|_| protocol == "tcp") else {
        return Vec::new();
    };
    let (address, port) = match host.rsplit_once(':') {
        Some((address, port)) => (Some(address.trim_matches(['[', ']'])), port),
        None => (None, host),
    };
    let (first, last) = port.split_once('-').unwrap_or((port, port));
    let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) else { return Vec::new() };
    let address = address.filter(|address| !matches!(*address, "" | "0.0.0.0" | "::")).map(str::to_owned);
    (first..=last).filter(|port| *port > 0).map(|port| Published { address: address.clone(), port }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::flags;

    fn numbers(words: &[&str]) -> Vec<u16> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        published(&flags(&words)).iter().map(|published| published.port).collect()
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(
            numbers(&["-p", "80:8080", "--publish", "81:1/tcp", "--publish=82:2", "-p83:3", "-dp", "84:4"]),
            [80, 81, 82, 83, 84]
        );
        assert_eq!(
            numbers(&["-p", "0.0.0.0:80:1", "-p", "[::1]:81:1", "-p", "90-92:90-92"]),
            [80, 81, 90, 91, 92]
        );
        assert_eq!(
            numbers(&["-p", "8080", "-p", "53:53/udp", "-p", ":80", "-P", "-p", "x:y", "--pull"]),
            Vec::<u16>::new()
        );
    }

    #[test]
    fn an_address_of_its_own_is_kept() {
        let words = ["-p".to_owned(), "127.0.0.1:80:1".to_owned()];
        assert_eq!(published(&flags(&words))[0].address.as_deref(), Some("127.0.0.1"));
    }
}
