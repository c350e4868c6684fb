//! Asking whether an engine answers behind a socket, in the one way that needs no docker: `GET /_ping`.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It spoke HTTP.
    Engine,
    /// Nothing in time: the line is slow, or dead and not yet given up.
    Silence,
    /// Nobody listens, or the connection was closed without an answer.
    Closed,
}

/// Asks, and waits for an answer until the limit.
pub(super) fn ping(socket: &Path, limit: Duration) -> Answer {
    let ask = || -> std::io::Result<bool> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(limit))?;
        stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"HTTP/")
    };
    match ask() {
        Ok(true) => Answer::Engine,
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Answer::Silence,
        Ok(false) | Err(_) => Answer::Closed,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    fn asked(answer: Option<&'static [u8]>) -> Answer {
        let temp = tempfile::tempdir().unwrap();
        let socket = temp.path().join("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            match answer {
                Some(bytes) => {
                    let mut request = [0; 256];
                    let length = stream.read(&mut request).unwrap();
                    assert!(request[..length].starts_with(b"GET /_ping "));
                    stream.write_all(bytes).unwrap();
                }
                // Until the other side gives up.
                None => while stream.read(&mut [0; 64]).is_ok_and(|length| length > 0) {},
            }
        });
        let limit = Duration::from_millis(if answer.is_none() { 50 } else { 60_000 });
        let answer = ping(&socket, limit);
        server.join().unwrap();
        answer
    }

    #[test]
    fn any_http_is_an_engine() {
        assert_eq!(asked(Some(b"HTTP/1.1 200 OK\r\n\r\nOK")), Answer::Engine);
        assert_eq!(asked(Some(b"HTTP/1.0 503 Service Unavailable\r\n\r\n")), Answer::Engine);
    }

    #[test]
    fn no_answer_is_none() {
        assert_eq!(asked(Some(b"")), Answer::Closed);
        assert_eq!(asked(Some(b"SSH-2.0-x")), Answer::Closed);
        assert_eq!(asked(None), Answer::Silence);
        assert_eq!(ping(Path::new("/nonexistent/socket"), Duration::from_secs(60)), Answer::Closed);
    }
}
