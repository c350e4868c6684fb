//! HTTP as far as an endpoint of AWS's JSON protocol needs it: one request and one response for each connection.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A request: its head and its body.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Reads a request; `None` if the connection was closed.
    pub(super) fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
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

    /// Returns the action, for example `CreateRepository`.
    pub(super) fn action(&self) -> &str {
        header(&self.head, "x-amz-target").and_then(|target| target.rsplit('.').next()).unwrap_or_default()
    }

    /// Sends the request to another endpoint, and returns the response.
    pub(super) fn forward(&self, to: SocketAddr) -> io::Result<Vec<u8>> {
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

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// Calls an action of ECR, and returns the body of the response.
pub(super) fn call(to: SocketAddr, region: &str, action: &str, body: &str) -> String {
    // moto does not check signatures, but takes the region from the credential.
    let credential = format!("AWS4-HMAC-SHA256 Credential=testing/20260101/{region}/ecr/aws4_request");
    let head = format!(
        "POST / HTTP/1.1\r\nHost: api.ecr.{region}.amazonaws.com\r\nAuthorization: {credential}\r\n\
         X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.{action}\r\nContent-Type: application/x-amz-json-1.1\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let response = Request { head, body: body.into() }.forward(to).expect("a response");
    let response = String::from_utf8_lossy(&response).into_owned();
    response.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or(response)
}
