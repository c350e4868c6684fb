//! The sockets that a proxy can lead to.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The socket that a proxy leads to.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// A TCP port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}
