//! Whether an engine has an image, found out through its local socket.
//!
//! A response takes a millisecond, docker's client tens of them. <https://docs.docker.com/reference/api/engine/>

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use dockerutils_oci::Reference;
use serde::Deserialize;

use crate::engine::local_socket;

/// How long a response may take.
const TIMEOUT: Duration = Duration::from_millis(500);

/// How long a response with an ID may take. Before a build there is time, and without it an earlier build is never removed.
const ID_TIMEOUT: Duration = Duration::from_secs(5);

/// How much of a response is read, in bytes.
const MAX_RESPONSE: u64 = 1 << 20;

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

/// Returns the ID of an image of the engine; `None` if it has none, or cannot be reached through a local socket.
pub(crate) fn look_up_image_id(image: &Reference) -> Option<String> {
    let mut stream = UnixStream::connect(local_socket()?).ok()?;
    request(&mut stream, image, ID_TIMEOUT)?;
    let mut response = Vec::new();
    stream.take(MAX_RESPONSE).read_to_end(&mut response).ok()?;
    parse_id(&response)
}

fn parse_id(response: &[u8]) -> Option<String> {
    let body = response.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let found: Found = serde_json::from_slice(&response[body..]).ok()?;
    let hex = found.id.strip_prefix("sha256:")?;
    hex.chars().all(|c| c.is_ascii_hexdigit()).then_some(found.id)
}

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "Id")]
    id: String,
}

fn request(stream: &mut UnixStream, image: &Reference, timeout: Duration) -> Option<()> {
    stream.set_read_timeout(Some(timeout)).ok()?;
    stream.write_all(format!("GET /images/{image}/json HTTP/1.0\r\nHost: docker\r\n\r\n").as_bytes()).ok()
}

fn look_up(stream: &mut UnixStream, image: &Reference) -> Option<bool> {
    request(stream, image, TIMEOUT)?;
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
    fn the_id_of_an_image_is_in_the_body_of_the_response() {
        let found = b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n{\"Id\":\"sha256:0a\",\"Size\":1}";
        assert_eq!(parse_id(found).as_deref(), Some("sha256:0a"));
        let invalid: [&[u8]; 4] = [
            b"HTTP/1.0 404 Not Found\r\n\r\n{\"message\":\"x\"}",
            b"{}",
            b"\r\n\r\n{\"Id\":\"sha256:x y\"}",
            b"",
        ];
        assert!(invalid.iter().all(|response| parse_id(response).is_none()));
    }

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
