//! HTTP as far as stand-ins for AWS need it: one request and one response for each connection.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A request: its head and its body.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Reads a request; `None` if the connection was closed.
    pub(crate) fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read(&mut byte)? == 0 {
                return Ok(None);
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let length = header(&head, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        Ok(Some(Request { head, body }))
    }

    /// Sends the request to an endpoint, and returns the response, head and body.
    pub(crate) fn forward(&self, to: SocketAddr) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(to)?;
        let (first, rest) = self.head.split_once("\r\n").unwrap_or((&self.head, ""));
        // Then the end of the stream is the end of the response, whatever its encoding.
        write!(stream, "{first}\r\nConnection: close\r\n{rest}")?;
        stream.write_all(&self.body)?;
        let mut response = Vec::new();
        stream.read_to_end(&mut response)?;
        Ok(response)
    }
}

/// Returns a field of the head of a request or a response.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
