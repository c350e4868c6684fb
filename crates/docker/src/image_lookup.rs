//! Whether an engine has an image, found out through its local socket.
//!
//! A response takes a millisecond, docker's client tens of them. <https://docs.docker.com/reference/api/engine/>

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use dockerutils_oci::Reference;

use crate::engine::local_socket;

/// How long a response may take.
const TIMEOUT: Duration = Duration::from_millis(500);

/// What is known about an image of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageLookup {
    /// The engine has it.
    Present,
    /// The engine does not have it.
    Missing,
    /// The engine gave no valid response.
    NoResponse,
    /// The engine cannot be reached through a local socket.
    NoSocket,
}

/// Finds out whether the engine has an image.
pub fn look_up_image(image: &Reference) -> ImageLookup {
    let Some(mut stream) = local_socket().and_then(|socket| UnixStream::connect(socket).ok()) else {
        return ImageLookup::NoSocket;
    };
    match look_up(&mut stream, image) {
        Some(true) => ImageLookup::Present,
        Some(false) => ImageLookup::Missing,
        None => ImageLookup::NoResponse,
    }
}

fn look_up(stream: &mut UnixStream, image: &Reference) -> Option<bool> {
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.write_all(format!("GET /images/{image}/json HTTP/1.0\r\nHost: docker\r\n\r\n").as_bytes()).ok()?;
    // `HTTP/1.0 200 OK`; the rest is not needed.
    let mut response = [0; 12];
    stream.read_exact(&mut response).ok()?;
    match response.strip_prefix(b"HTTP/1.")? {
        [_, b' ', b'2', b'0', b'0'] => Some(true),
        [_, b' ', b'4', b'0', b'4'] => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_the_response_decides() {
        for (response, expected) in [
            ("HTTP/1.0 200 OK\r\n\r\n{}", Some(true)),
            ("HTTP/1.1 404 Not Found\r\n\r\n", Some(false)),
            ("HTTP/1.1 500 Internal Server Error\r\n\r\n", None),
            ("SSH-2.0-OpenSSH_9.2", None),
            ("", None),
        ] {
            let (mut client, mut server) = UnixStream::pair().unwrap();
            let engine = std::thread::spawn(move || {
                let mut request = [0; 256];
                let length = server.read(&mut request).unwrap();
                assert!(request[..length].starts_with(b"GET /images/proj-dev:me/json HTTP/1.0\r\n"));
                server.write_all(response.as_bytes()).unwrap();
            });
            assert_eq!(
                look_up(&mut client, &Reference::parse("proj-dev:me").unwrap()),
                expected,
                "{response}"
            );
            engine.join().unwrap();
        }
    }
}
