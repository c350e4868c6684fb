//! Ports of a dock, reachable here over the one connection.

use std::io::{ErrorKind, Result};
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
    /// Why it is not the same port here, where it is not.
    pub instead: Option<ErrorKind>,
}

impl Forward {
    /// Leads to a port of the dock: from the same port here, or from another where that cannot be had.
    ///
    /// # Errors
    /// There is no free port.
    pub fn to(address: Option<&str>, port: u16) -> Result<Self> {
        let (local, instead) = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => (port, None),
            Err(error) => {
                let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
                (other, Some(error.kind()))
            }
        };
        Ok(Forward { local, address: address.unwrap_or("localhost").to_owned(), port, instead })
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
        let Forward { local, address, port, instead: _ } = self;
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
        assert_eq!(forward.instead, Some(ErrorKind::AddrInUse));
        drop(taken);
        assert_eq!(Forward::to(Some("10.0.0.1"), port).unwrap().local, port);
    }
}
