//! An address that leads a browser to a URL with a secret, once.
//!
//! The address of a page becomes an argument of the browser's command, which every user of this machine can read. So the
//! browser gets the address of a server of ours, which sends the first request of the calling user to the URL, and
//! nobody else's. A file with a redirect would not do: a browser that is installed as a snap may read neither hidden
//! folders nor `/tmp`.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::peer::is_own_connection;
use crate::token::random_hex;

/// How long the address leads to the URL.
const LIFETIME: Duration = Duration::from_secs(60);

/// How often we look for a connection.
const POLL: Duration = Duration::from_millis(10);

/// How long a client may take to send its request. Browsers open connections that they may never use.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest request that is read, in bytes.
const MAX_REQUEST: usize = 8192;

const REFUSAL: &str = "This address works once, and only for the user who has started the notebook.\n\
    Copy the URL from the terminal instead.\n";

/// A server that redirects one request.
#[derive(Debug)]
pub struct OneShotRedirect {
    listener: TcpListener,
    shared: Arc<Shared>,
    address: SocketAddr,
}

#[derive(Debug)]
struct Shared {
    path: String,
    url: String,
    local: SocketAddr,
    checks_peer: bool,
    /// Whether a request gets the URL.
    is_claimed: AtomicBool,
    /// Whether a request has got it.
    is_used: AtomicBool,
}

impl OneShotRedirect {
    /// Opens the server for a URL. With `checks_peer`, requests of other users are refused, as far as the system shows
    /// whose they are.
    ///
    /// # Errors
    /// Fails if no port is free.
    pub fn to(url: String, checks_peer: bool) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let path = format!("/{}", random_hex(16)?);
        let (is_claimed, is_used) = (AtomicBool::new(false), AtomicBool::new(false));
        let shared = Arc::new(Shared { path, url, local: address, checks_peer, is_claimed, is_used });
        Ok(OneShotRedirect { listener, shared, address })
    }

    /// Returns the address for a browser, which is not a secret.
    pub fn address(&self) -> String {
        format!("http://{}{}", self.address, self.shared.path)
    }

    /// Serves until the redirect was used, a minute has passed, or `is_over` returns `true`. Returns whether it was used.
    pub fn serve(self, is_over: impl Fn() -> bool) -> bool {
        let deadline = Instant::now() + LIFETIME;
        while !self.shared.is_used.load(Ordering::Relaxed) && Instant::now() < deadline && !is_over() {
            match self.listener.accept() {
                Ok((stream, peer)) => {
                    let shared = Arc::clone(&self.shared);
                    // One thread each: a connection without a request must not keep the browser waiting.
                    let _ = thread::Builder::new().spawn(move || shared.respond(stream, peer));
                }
                Err(_) => thread::sleep(POLL),
            }
        }
        self.shared.is_used.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn respond(&self, mut stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(REQUEST_TIMEOUT))?;
        stream.set_write_timeout(Some(REQUEST_TIMEOUT))?;
        let request = read_head(&mut stream)?;
        let is_wanted =
            request.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()) == Some(&self.path);
        let is_allowed = is_wanted && (!self.checks_peer || is_own_connection(self.local, peer));
        // Only the first one gets the URL, also if two come at the same time.
        let is_first = is_allowed && !self.is_claimed.swap(true, Ordering::Relaxed);
        let response = if is_first {
            format!(
                "303 See Other\r\nLocation: {}\r\nReferrer-Policy: no-referrer\r\nContent-Length: 0\r\n\r\n",
                self.url
            )
        } else {
            format!(
                "403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{REFUSAL}",
                REFUSAL.len()
            )
        };
        let written = stream.write_all(
            format!("HTTP/1.0 {}", response.replacen("\r\n", "\r\nCache-Control: no-store\r\n", 1))
                .as_bytes(),
        );
        // Not before: the process may end as soon as the redirect was used. A browser that has closed the connection may come
        // again.
        match &written {
            Ok(()) if is_first => self.is_used.store(true, Ordering::Relaxed),
            Err(_) if is_first => self.is_claimed.store(false, Ordering::Relaxed),
            _ => {}
        }
        written
    }
}

/// Reads the head of a request, up to the empty line.
fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let (mut head, mut buffer) = (Vec::new(), [0; 1024]);
    while head.len() < MAX_REQUEST && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => break,
            count => head.extend_from_slice(&buffer[..count]),
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request;

    const URL: &str = "http://127.0.0.1:8888/?token=hush";

    #[test]
    fn the_first_request_for_the_address_is_redirected_and_no_other() {
        let redirect = OneShotRedirect::to(URL.to_owned(), true).unwrap();
        let (address, path) = (redirect.address, redirect.shared.path.clone());
        assert!(redirect.address().ends_with(&path) && !redirect.address().contains("hush"));
        let serving = thread::spawn(move || redirect.serve(|| false));
        // A connection without a request, as browsers open them.
        let _idle = TcpStream::connect(address).unwrap();
        let other = request(address, "GET", "/favicon.ico", None).unwrap();
        assert_eq!((other.status, other.body.as_str()), (403, REFUSAL));
        assert_eq!(request(address, "GET", &format!("{path}x"), None).unwrap().status, 403);
        assert_eq!(request(address, "GET", &path, None).unwrap().status, 303);
        assert!(serving.join().unwrap());
        assert!(request(address, "GET", &path, None).is_err(), "it is closed");
    }

    #[test]
    fn the_response_has_the_url_and_is_not_kept() {
        let redirect = OneShotRedirect::to(URL.to_owned(), true).unwrap();
        let (address, path) = (redirect.address, redirect.shared.path.clone());
        let serving = thread::spawn(move || redirect.serve(|| false));
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let expected = format!(
            "HTTP/1.0 303 See Other\r\nCache-Control: no-store\r\nLocation: {URL}\r\n\
             Referrer-Policy: no-referrer\r\nContent-Length: 0\r\n\r\n"
        );
        assert_eq!(response, expected);
        assert!(serving.join().unwrap());
    }

    #[test]
    fn serving_lasts_until_the_browser_has_its_answer() {
        // More than the buffers of a connection hold, so that writing it lasts until it is read.
        let redirect = OneShotRedirect::to(format!("{URL}{}", "x".repeat(32 << 20)), true).unwrap();
        let (address, shared) = (redirect.address, Arc::clone(&redirect.shared));
        let serving = thread::spawn(move || redirect.serve(|| false));
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(format!("GET {} HTTP/1.1\r\n\r\n", shared.path).as_bytes()).unwrap();
        while !shared.is_claimed.load(Ordering::Relaxed) {
            thread::sleep(POLL);
        }
        assert!(!shared.is_used.load(Ordering::Relaxed));
        let mut response = Vec::new();
        stream.read_to_end(&mut response).unwrap();
        assert!(response.len() > 32 << 20 && serving.join().unwrap());
    }

    #[test]
    fn serving_ends_when_the_caller_has_ended() {
        assert!(!OneShotRedirect::to(URL.to_owned(), true).unwrap().serve(|| true));
    }
}
