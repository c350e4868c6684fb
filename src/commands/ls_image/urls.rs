//! The addresses at which the published ports of containers are reached from this machine.

use std::net::Ipv6Addr;

use dockerutils_dock::session::KeptPort;
use dockerutils_docker::{PublishedPort, engine};

use crate::Result;
use crate::dock_context::{DockedEngine, find_kept_port};

/// Where the ports of the engine's machine are reached.
pub(super) enum Urls {
    /// The engine is on this machine.
    Local,
    /// The engine is that of a dock. Some of its ports are open on this machine.
    Dock { moniker: String, address: String, open: Vec<KeptPort> },
    /// The engine is on a machine that we know nothing about.
    Unknown,
}

impl Urls {
    /// Finds out where the ports are reached.
    ///
    /// # Errors
    /// Fails if the session of the dock cannot be read.
    pub(super) fn of(engine: Option<&DockedEngine>) -> Result<Self> {
        let Some(dock) = engine else {
            return Ok(if engine::has_local_socket() { Urls::Local } else { Urls::Unknown });
        };
        let open = dock.session()?.map_or(Ok(Vec::new()), |session| session.kept_ports())?;
        Ok(Urls::Dock { moniker: dock.moniker().to_string(), address: dock.address().to_string(), open })
    }

    /// Returns the URL of a port, or what it is a port of if it cannot be reached from here.
    pub(super) fn of_port(&self, container: &str, published: &PublishedPort) -> String {
        let PublishedPort { address, port } = published;
        match self {
            Urls::Local => url(address.as_deref().unwrap_or("127.0.0.1"), *port),
            Urls::Dock { moniker, address: dock, open } => {
                match (find_kept_port(open, container, *port), address) {
                    (Some(local), _) => url("127.0.0.1", local),
                    (None, None) => url(dock, *port),
                    (None, Some(address)) => format!("({address}:{port} of {moniker})"),
                }
            }
            Urls::Unknown => format!("(port {port} of the engine's machine)"),
        }
    }
}

fn url(host: &str, port: u16) -> String {
    match host.parse::<Ipv6Addr>() {
        Ok(host) => format!("http://[{host}]:{port}"),
        Err(_) => format!("http://{host}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_has_the_address_that_is_reached_from_here() {
        let published =
            |address: Option<&str>| PublishedPort { address: address.map(str::to_owned), port: 80 };
        let (all, loopback, v6) = (published(None), published(Some("127.0.0.1")), published(Some("::1")));
        assert_eq!(Urls::Local.of_port("c", &all), "http://127.0.0.1:80");
        assert_eq!(Urls::Local.of_port("c", &v6), "http://[::1]:80");
        assert_eq!(Urls::Unknown.of_port("c", &all), "(port 80 of the engine's machine)");
        let open = KeptPort {
            name: "published:open:80".to_owned(),
            local: 8080,
            target: "127.0.0.1:80".to_owned(),
            holds: false,
        };
        let dock = Urls::Dock { moniker: "gpu".to_owned(), address: "10.0.0.5".to_owned(), open: vec![open] };
        assert_eq!(dock.of_port("open", &loopback), "http://127.0.0.1:8080");
        assert_eq!(dock.of_port("c", &all), "http://10.0.0.5:80");
        assert_eq!(dock.of_port("c", &loopback), "(127.0.0.1:80 of gpu)");
    }
}
