//! Ports of a remote host, opened on this machine through a master connection.

use std::io::{ErrorKind, Result};
use std::net::{Ipv4Addr, TcpListener};

use dockerutils_command::Command;

use crate::ControlSocket;

const LOCALHOST: &str = "localhost";

/// A remote port that is opened on this machine's loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The local port.
    pub local: u16,
    /// The address that the forward leads to, as the remote host resolves it.
    pub address: String,
    /// The remote port.
    pub port: u16,
    /// Why the local port has another number than the remote one; `None` if the numbers are equal.
    pub instead: Option<ErrorKind>,
}

impl Forward {
    /// Chooses the local port: the same number, or a free one if that is taken or only root may open it.
    ///
    /// # Errors
    /// Fails if no local port is free.
    pub fn to(address: Option<&str>, port: u16) -> Result<Self> {
        // ssh only reports that it cannot listen, not why, so we try first. Another process can still take the port before ssh
        // does; then the forward fails and is reported.
        let (local, instead) = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => (port, None),
            Err(error) => {
                let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
                (other, Some(error.kind()))
            }
        };
        Ok(Forward { local, address: address.unwrap_or(LOCALHOST).to_owned(), port, instead })
    }

    /// Returns the command that opens the forward.
    pub fn open(&self, socket: &ControlSocket) -> Command {
        socket.open_port(self.local, &self.target())
    }

    /// Returns the command that closes the forward.
    pub fn close(&self, socket: &ControlSocket) -> Command {
        socket.close_port(self.local, &self.target())
    }

    /// Returns where the forward leads to on the remote host, as `-W` takes it.
    pub fn target(&self) -> String {
        forward_target(Some(&self.address), self.port)
    }
}

/// Returns where a forward to a port leads to on the remote host, as `-W` takes it. Without an address it is one of the
/// host's own, as the host resolves `localhost`.
pub fn forward_target(address: Option<&str>, port: u16) -> String {
    match address.unwrap_or(LOCALHOST) {
        address if address.contains(':') => format!("[{address}]:{port}"),
        address => format!("{address}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_replaced_by_a_free_one() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let forward = Forward::to(None, port).unwrap();
        assert_eq!((forward.port, forward.local == port), (port, false));
        assert_eq!(forward.instead, Some(ErrorKind::AddrInUse));
        drop(taken);
        assert_eq!(Forward::to(Some("10.0.0.1"), port).unwrap().local, port);
    }

    #[test]
    fn an_ipv6_address_is_put_in_brackets() {
        let forward = Forward { local: 1, address: "::1".into(), port: 2, instead: None };
        assert_eq!(forward.target(), "[::1]:2");
    }
}
