//! The socket on which the stand-in asks this process for docks: one request and one response, each a line of JSON, for each
//! connection.
//!
//! It is an abstract socket, see unix(7), so its name is free again when this process ends. Holding the name is also the lock
//! on the addresses of the instances, 10.214.NUMBER.2 to 10.214.NUMBER.254.

use std::io::{self, BufRead, BufReader, Error, ErrorKind, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::sync::{Arc, OnceLock};
use std::thread;

use serde::Deserialize;
use serde_json::{Value, json};

use super::machines::{Boot, Machines};

/// A request of the stand-in.
#[derive(Debug, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
enum Request {
    /// It accepts connections at this port.
    Ready { port: u16 },
    /// Starts the dock of an instance.
    Boot(Boot),
    /// Stops the dock of an instance, and keeps its disk.
    Halt { instance: String },
    /// Stops the dock of an instance, and removes its disk.
    Purge { instance: String },
}

#[derive(Debug)]
pub(super) struct Control {
    number: u8,
    port: Arc<OnceLock<u16>>,
}

impl Control {
    /// Listens for requests until this process ends.
    pub(super) fn listen(machines: Arc<Machines>) -> io::Result<Self> {
        // Test processes begin at different numbers, so that they seldom try one that is taken.
        let mut numbers = (1..=254).cycle().skip(std::process::id() as usize % 254).take(254);
        let (number, listener) = numbers
            .find_map(|number| bind(number).transpose().map(|listener| (number, listener)))
            .ok_or_else(|| Error::other("no free network in 10.214.0.0/16"))?;
        let (listener, port) = (listener?, Arc::new(OnceLock::new()));
        let control = Control { number, port: Arc::clone(&port) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (machines, port) = (Arc::clone(&machines), Arc::clone(&port));
                // It fails if the stand-in ended meanwhile.
                thread::spawn(move || serve(&stream, &machines, &port));
            }
        });
        Ok(control)
    }

    /// Returns the name of the abstract socket.
    pub(super) fn name(&self) -> String {
        name(self.number)
    }

    /// Returns the first three numbers of the addresses.
    pub(super) fn network(&self) -> [u8; 3] {
        [10, 214, self.number]
    }

    /// Returns the port of the API, once the stand-in accepts connections there.
    pub(super) fn port(&self) -> Option<u16> {
        self.port.get().copied()
    }
}

fn name(number: u8) -> String {
    format!("dockerutils-ec2-{number}")
}

/// Returns the socket with this number; `None` if another process has it.
fn bind(number: u8) -> io::Result<Option<UnixListener>> {
    match UnixListener::bind_addr(&SocketAddr::from_abstract_name(name(number))?) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(None),
        listener => listener.map(Some),
    }
}

fn serve(mut stream: &UnixStream, machines: &Machines, port: &OnceLock<u16>) -> io::Result<()> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let response: Value = match serde_json::from_str(&line).map_err(Error::other)? {
        Request::Ready { port: accepted } => json!({ "port": port.get_or_init(|| accepted) }),
        Request::Boot(boot) => match machines.boot(&boot) {
            Ok(pid) => json!({ "pid": pid }),
            Err(reason) => json!({ "error": reason.to_string() }),
        },
        Request::Halt { instance } => {
            machines.halt(&instance);
            json!({})
        }
        Request::Purge { instance } => {
            machines.purge(&instance)?;
            json!({})
        }
    };
    writeln!(stream, "{response}")
}
