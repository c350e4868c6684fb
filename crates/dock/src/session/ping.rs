//! Checking whether an engine responds on a socket, without docker: `GET /_ping`.
//!
//! docker's client takes tens of milliseconds to start, and `source dock` should take no longer than `ssh`.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Session;

/// The response to a ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Response {
    /// An HTTP response.
    Engine,
    /// Nothing within the timeout: the line is slow, or dead and ssh has not noticed yet.
    Timeout,
    /// The connection was refused, or closed without a response.
    Closed,
}

/// Sends the request and waits for the response.
pub(super) fn ping(socket: &Path, timeout: Duration) -> Response {
    let request = || -> std::io::Result<bool> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(timeout))?;
        stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")?;
        let mut response = [0; 5];
        stream.read_exact(&mut response)?;
        Ok(&response == b"HTTP/")
    };
    match request() {
        Ok(true) => Response::Engine,
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            Response::Timeout
        }
        Ok(false) | Err(_) => Response::Closed,
    }
}

/// How often a request is sent to measure it. The fastest counts: a busy machine makes others slower, not the network.
const MEASUREMENTS: usize = 5;

/// How long a measured request may take.
const MEASUREMENT_TIMEOUT: Duration = Duration::from_secs(2);

impl Session {
    /// Returns how long a request to the dock's engine takes through the forwarded socket; `None` if none responds.
    pub fn measure_request(&self) -> Option<Duration> {
        let request = || {
            let begin = Instant::now();
            let response = ping(&self.socket(), MEASUREMENT_TIMEOUT);
            (response == Response::Engine).then(|| begin.elapsed())
        };
        let first = request()?;
        (1..MEASUREMENTS).map_while(|_| request()).min().map(|took| took.min(first))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    /// Pings a server that sends these bytes, or nothing.
    fn ping_server(response: Option<&'static [u8]>) -> Response {
        let temp = tempfile::tempdir().unwrap();
        let socket = temp.path().join("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            match response {
                Some(bytes) => {
                    let mut request = [0; 256];
                    let length = stream.read(&mut request).unwrap();
                    assert!(request[..length].starts_with(b"GET /_ping "));
                    stream.write_all(bytes).unwrap();
                }
                // Until the client gives up.
                None => while stream.read(&mut [0; 64]).is_ok_and(|length| length > 0) {},
            }
        });
        let timeout = Duration::from_millis(if response.is_none() { 50 } else { 60_000 });
        let result = ping(&socket, timeout);
        server.join().unwrap();
        result
    }

    #[test]
    fn any_http_response_is_an_engine() {
        assert_eq!(ping_server(Some(b"HTTP/1.1 200 OK\r\n\r\nOK")), Response::Engine);
        assert_eq!(ping_server(Some(b"HTTP/1.0 503 Service Unavailable\r\n\r\n")), Response::Engine);
    }

    #[test]
    fn everything_else_is_not_an_engine() {
        assert_eq!(ping_server(Some(b"")), Response::Closed);
        assert_eq!(ping_server(Some(b"SSH-2.0-x")), Response::Closed);
        assert_eq!(ping_server(None), Response::Timeout);
        assert_eq!(ping(Path::new("/nonexistent/socket"), Duration::from_secs(60)), Response::Closed);
    }
}
