//! Requests to a server on this machine, as far as Jupyter's API needs them.
//!
//! HTTP/1.0, so that the server closes the connection after its response, and neither chunks nor keeps it open.

use std::io::{self, Error, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long connecting, writing and each read may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The largest response that is read, in bytes. Jupyter's are below 1 KiB.
const MAX_RESPONSE: u64 = 256 * 1024;

/// A response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Sends a request without a body and returns the response.
///
/// # Errors
/// Fails if the server does not respond in time, or not with HTTP.
pub(crate) fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    authorization: Option<&str>,
) -> io::Result<Response> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let authorization =
        authorization.map(|token| format!("Authorization: token {token}\r\n")).unwrap_or_default();
    let request =
        format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: 0\r\n{authorization}\r\n");
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(MAX_RESPONSE).read_to_end(&mut bytes)?;
    parse(&String::from_utf8_lossy(&bytes)).ok_or_else(|| Error::other("the response is not HTTP"))
}

fn parse(text: &str) -> Option<Response> {
    let status = text.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Some(Response { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_and_the_body_are_parsed() {
        let response = |status, body: &str| Some(Response { status, body: body.to_owned() });
        for (text, expected) in [
            ("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{}", response(200, "{}")),
            ("HTTP/1.0 403 Forbidden\r\n\r\n", response(403, "")),
            ("SSH-2.0-OpenSSH_9.2\r\n", None),
            ("HTTP/1.1 2é0", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
