//! An endpoint of AWS whose actions fail on demand; all other actions are forwarded to moto.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::api;
use crate::http::Request;
use dockerutils_testkit::poll_until;

/// How an action fails.
#[derive(Debug, Clone)]
pub enum ApiFault {
    /// It responds with this status and this JSON.
    Response(u16, String),
    /// It responds with bytes that are not HTTP.
    Garbage,
    /// It reads the request and does not respond.
    NoResponse,
    /// It responds as moto does, after this time.
    Delay(Duration),
}

impl ApiFault {
    /// Returns an error response of AWS.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        ApiFault::Response(status, format!("{{\"__type\":{code:?},\"message\":{message:?}}}"))
    }

    /// Returns the error response to too many requests.
    pub fn throttling() -> Self {
        ApiFault::error(400, "ThrottlingException", "Rate exceeded")
    }
}

/// The endpoint; it listens until the process ends.
#[derive(Debug)]
pub struct Endpoint {
    port: u16,
    has_tls: bool,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The faults by action; `*` is for all other actions.
    faults: BTreeMap<&'static str, ApiFault>,
    upstream: Option<SocketAddr>,
    actions: Mutex<Vec<String>>,
}

impl Endpoint {
    /// Listens on a free port. `upstream` is moto; it is not needed if every action has a fault.
    pub fn start(
        upstream: Option<SocketAddr>,
        faults: impl IntoIterator<Item = (&'static str, ApiFault)>,
    ) -> Self {
        Endpoint::listen(upstream, faults.into_iter().collect(), None)
    }

    /// Listens with TLS and without faults; returns its self-signed certificate too, which no client trusts by itself.
    pub fn start_with_tls(upstream: SocketAddr) -> (Self, String) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a certificate and its key");
        (Endpoint::listen(Some(upstream), BTreeMap::new(), Some(Arc::new(config))), cert.pem())
    }

    fn listen(
        upstream: Option<SocketAddr>,
        faults: BTreeMap<&'static str, ApiFault>,
        tls: Option<Arc<ServerConfig>>,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared { faults, upstream, actions: Mutex::default() });
        let endpoint = Endpoint { port, has_tls: tls.is_some(), shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, tls) = (Arc::clone(&shared), tls.clone());
                // It fails if the client closes the connection, as a command does that was interrupted.
                thread::spawn(move || match tls.map(ServerConnection::new) {
                    Some(connection) => {
                        shared.serve(StreamOwned::new(connection.map_err(io::Error::other)?, stream))
                    }
                    None => shared.serve(stream),
                });
            }
        });
        endpoint
    }

    /// Returns the value of AWS_ENDPOINT_URL that leads to it.
    pub fn url(&self) -> String {
        if self.has_tls {
            format!("https://localhost:{}", self.port)
        } else {
            format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
        }
    }

    /// Calls an action, without the SDK, and returns the JSON of the response.
    pub fn call(&self, action: &str, body: &str) -> String {
        api::call((Ipv4Addr::LOCALHOST, self.port).into(), "us-east-1", action, body)
    }

    /// Waits until it has received so many requests.
    #[track_caller]
    pub fn wait_for_actions(&self, count: usize) {
        let received = poll_until(|| (self.actions().len() >= count).then_some(()));
        assert!(received.is_some(), "it received only {:?}", self.actions());
    }

    /// Returns the actions of its requests, in order of arrival.
    pub fn actions(&self) -> Vec<String> {
        self.shared.actions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    fn serve(&self, mut stream: impl Read + Write) -> io::Result<()> {
        let Some(request) = Request::read(&mut stream)? else { return Ok(()) };
        let action = api::action(&request).to_owned();
        self.actions.lock().unwrap_or_else(PoisonError::into_inner).push(action.clone());
        match self.faults.get(action.as_str()).or_else(|| self.faults.get("*")) {
            Some(ApiFault::Response(status, json)) => write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{json}",
                json.len()
            ),
            Some(ApiFault::Garbage) => stream.write_all(b"<html>a captive portal</html>\r\n\r\n"),
            // Longer than any command waits.
            Some(ApiFault::NoResponse) => {
                thread::sleep(Duration::from_secs(120));
                Ok(())
            }
            Some(ApiFault::Delay(delay)) => {
                thread::sleep(*delay);
                self.forward(&request, stream)
            }
            None => self.forward(&request, stream),
        }
    }

    fn forward(&self, request: &Request, mut stream: impl Write) -> io::Result<()> {
        let Some(moto) = self.upstream else { return Ok(()) };
        stream.write_all(&request.forward(moto)?)
    }
}
