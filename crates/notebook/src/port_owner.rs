//! Which program listens on a port of this machine.

use std::fs;
use std::path::Path;

use dockerutils_command::printable;

/// The state of a socket that listens, in the tables of the kernel.
const LISTENS: &str = "0A";

/// The tables of sockets; a server that listens on every address may be in the second one only. See proc_pid_net(5).
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

/// Returns the program that listens on a port, as in `python3 (process 4711)`. `None` if the system does not show it: Linux shows
/// the programs of the calling user, and all of them to root.
pub fn program_on_port(port: u16) -> Option<String> {
    let tables = TABLES.iter().filter_map(|table| dockerutils_file::read(Path::new(table)).ok());
    let text: String = tables.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
    let sockets: Vec<String> = text
        .lines()
        .filter_map(|line| listening_socket(line, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if sockets.is_empty() {
        return None;
    }
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut processes =
        processes.filter(|process| process.file_name().as_encoded_bytes()[0].is_ascii_digit());
    let process = processes.find(|process| has_open(&process.path(), &sockets))?;
    let name = dockerutils_file::read(&process.path().join("comm")).ok()?;
    let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
    Some(format!("{} (process {})", printable(&name), process.file_name().to_string_lossy()))
}

/// Returns the inode of the socket in a line of a table, if it listens on the port.
fn listening_socket(line: &str, port: u16) -> Option<&str> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, local, _, LISTENS, ..] = words.as_slice() else { return None };
    let local = u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()?;
    if local == port { words.get(9).copied() } else { None }
}

/// Returns whether a process has one of these files open. Those of other users cannot be read.
fn has_open(process: &Path, files: &[String]) -> bool {
    let open = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    open.filter_map(|file| fs::read_link(file.path()).ok())
        .any(|target| files.iter().any(|file| target.as_os_str() == file.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_socket_that_listens_has_its_inode() {
        let line = "   0: 0100007F:22B8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100";
        assert_eq!(listening_socket(line, 8888), Some("4711"));
        assert_eq!(listening_socket(line, 8889), None);
        assert_eq!(listening_socket(&line.replace(" 0A ", " 01 "), 8888), None);
        let line = "   0: 00000000000000000000000000000000:22B8 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 42 1";
        assert_eq!(listening_socket(line, 8888), Some("42"));
        assert_eq!(listening_socket("  sl  local_address rem_address   st tx_queue", 8888), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_program_that_listens_is_named() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            // Not every machine has the second one.
            let Ok(listener) = std::net::TcpListener::bind(address) else { continue };
            let port = listener.local_addr().unwrap().port();
            let expected = format!("(process {})", std::process::id());
            assert!(program_on_port(port).unwrap().ends_with(&expected), "{:?}", program_on_port(port));
        }
    }
}
