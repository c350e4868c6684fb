//! Who is at the other end of a connection on this machine.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::Path;

/// Returns whether the other end of a connection belongs to the calling user.
///
/// `true` if the system does not show who it belongs to.
pub(crate) fn is_own_connection(local: SocketAddr, peer: SocketAddr) -> bool {
    let Ok(bytes) = dockerutils_file::read(Path::new("/proc/net/tcp")) else { return true };
    let table = String::from_utf8_lossy(&bytes);
    table.lines().filter_map(parse_line).any(|line| {
        // The other end of our connection has the same addresses in the opposite order.
        SocketAddr::V4(line.local) == peer
            && SocketAddr::V4(line.remote) == local
            && line.uid == nix::unistd::getuid().as_raw()
    })
}

/// A line of the table: a socket and its owner; see proc_pid_net(5).
#[derive(Debug, PartialEq, Eq)]
struct Line {
    local: SocketAddrV4,
    remote: SocketAddrV4,
    uid: u32,
}

fn parse_line(line: &str) -> Option<Line> {
    let mut words = line.split_whitespace().skip(1);
    let (local, remote) = (parse_address(words.next()?)?, parse_address(words.next()?)?);
    let uid = words.nth(4)?.parse().ok()?;
    Some(Line { local, remote, uid })
}

/// Parses `0100007F:22B8`: the address in the byte order of the machine, and the port.
fn parse_address(text: &str) -> Option<SocketAddrV4> {
    let (address, port) = text.split_once(':')?;
    let address = Ipv4Addr::from(u32::from_str_radix(address, 16).ok()?.to_ne_bytes());
    Some(SocketAddrV4::new(address, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn a_line_of_the_table_is_parsed() {
        let line =
            "   1: 0100007F:22B8 0200007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 99 1";
        let socket = |last, port| SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, last), port);
        let expected = Line { local: socket(1, 8888), remote: socket(2, 54321), uid: 1000 };
        assert_eq!(parse_line(line), Some(expected));
        assert_eq!(parse_line("  sl  local_address rem_address   st tx_queue"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_connection_of_this_process_is_its_own_and_an_unknown_one_is_not() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let local = listener.local_addr().unwrap();
        let _client = std::net::TcpStream::connect(local).unwrap();
        let (_stream, peer) = listener.accept().unwrap();
        assert!(is_own_connection(local, peer));
        assert!(!is_own_connection(local, (Ipv4Addr::LOCALHOST, 1).into()));
    }
}
