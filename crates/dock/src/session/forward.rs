//! Ports of a dock, reachable here over the one connection.

use std::net::{Ipv4Addr, TcpListener};

use dockerutils_command::Command;

use super::Session;

/// A port of a dock that is opened on this machine's loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The port here.
    pub local: u16,
    /// Where it leads, as the dock sees it.
    pub address: String,
    /// The port there.
    pub port: u16,
}

impl Forward {
    /// Leads to a port of the dock: from the same port here, or from another where that is taken.
    ///
    /// # Errors
    /// There is no free port.
    pub fn to(address: Option<&str>, port: u16) -> std::io::Result<Self> {
        let is_free = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        let local =
            if is_free { port } else { TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port() };
        Ok(Forward { local, address: address.unwrap_or("localhost").to_owned(), port })
    }

    /// Opens it.
    pub fn open(&self, session: &Session) -> Command {
        self.ask(session, "forward")
    }

    /// Closes it.
    pub fn close(&self, session: &Session) -> Command {
        self.ask(session, "cancel")
    }

    fn ask(&self, session: &Session, what: &str) -> Command {
        let Forward { local, address, port } = self;
        let address = if address.contains(':') { format!("[{address}]") } else { address.clone() };
        let way = format!("127.0.0.1:{local}:{address}:{port}");
        // ssh wants a destination, and connects to none.
        let ssh = Command::new("ssh").args(["-F", "none", "-S"]).arg(session.control());
        ssh.args(["-O", what, "-L", &way, "--", "dock"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_gets_another() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let forward = Forward::to(None, port).unwrap();
        assert_eq!((forward.port, forward.local == port), (port, false));
        drop(taken);
        assert_eq!(Forward::to(Some("10.0.0.1"), port).unwrap().local, port);
    }
}
