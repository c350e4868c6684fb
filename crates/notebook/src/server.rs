//! A Jupyter server that can be reached on this machine: jupyter_server 1 and 2, and notebook 6, which has the same API.

use std::io::ErrorKind;
use std::net::SocketAddr;

use serde::Deserialize;

use crate::Token;
use crate::http::{Response, request};

/// A server and the token that it should accept.
#[derive(Debug, Clone)]
pub struct JupyterServer {
    address: SocketAddr,
    token: Token,
}

/// What a server responds to its token.
#[derive(Debug, PartialEq, Eq)]
pub enum Probe {
    /// It accepts the token.
    Ready(ServerStatus),
    /// It accepts the token, and requests without one as well.
    Open(ServerStatus),
    /// It refuses the token: it has another one, or a password.
    Refused,
    /// It responds, but not as Jupyter does.
    NotJupyter,
    /// It has not accepted the connection or responded in time.
    Late,
    /// It refuses or closes the connection.
    NoResponse,
}

/// What a server does.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
pub struct ServerStatus {
    /// How many kernels run.
    #[serde(default)]
    pub kernels: u64,
    /// When a kernel or a browser was last active, in UTC, as in `2026-11-27T02:00:00.000000Z`.
    #[serde(default)]
    pub last_activity: String,
}

impl JupyterServer {
    /// Creates a server at an address. The token is sent there, so it has to be one that we know to belong to the server.
    pub fn at(address: SocketAddr, token: Token) -> Self {
        JupyterServer { address, token }
    }

    /// Finds out whether the server is ready and accepts the token.
    pub fn probe(&self) -> Probe {
        // `/api` would respond to requests without a token too.
        match self.get("/api/status") {
            Ok(Response { status: 200, body }) => match serde_json::from_str(&body) {
                Ok(status) if self.requires_token() => Probe::Ready(status),
                Ok(status) => Probe::Open(status),
                Err(_) => Probe::NotJupyter,
            },
            Ok(Response { status: 401 | 403, .. }) => Probe::Refused,
            Ok(_) => Probe::NotJupyter,
            // Which of the two it is depends on the system.
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => Probe::Late,
            // Docker's proxy accepts connections before the server listens, and then closes them.
            Err(_) => Probe::NoResponse,
        }
    }

    fn requires_token(&self) -> bool {
        !request(self.address, "GET", "/api/status", None).is_ok_and(|response| response.status == 200)
    }

    /// Returns whether the server has a file. `path` is relative to its root folder.
    pub fn has_file(&self, path: &str) -> bool {
        self.get(&format!("/api/contents/{}?content=0", encode(path)))
            .is_ok_and(|response| response.status == 200)
    }

    /// Returns the page of a notebook, by its path in the server's root folder: that of JupyterLab, or of Jupyter Notebook if
    /// the server has no JupyterLab.
    pub fn page_of(&self, notebook: &str) -> String {
        let lacks_lab = self.get("/lab").is_ok_and(|response| response.status == 404);
        let folder = if lacks_lab { "notebooks" } else { "lab/tree" };
        format!("{folder}/{}", encode(notebook))
    }

    /// Returns the URL for a browser: of a [page](Self::page_of), or of the first page. It contains the token.
    pub fn url(&self, page: Option<&str>) -> String {
        format!("{}?token={}", self.url_without_token(page), encode(self.token.text()))
    }

    /// Returns the same URL without the token.
    pub fn url_without_token(&self, page: Option<&str>) -> String {
        format!("http://{}/{}", self.address, page.unwrap_or_default())
    }

    /// Requests that the server ends its kernels and itself. Returns whether it has accepted that.
    pub fn shut_down(&self) -> bool {
        request(self.address, "POST", "/api/shutdown", Some(self.token.text()))
            .is_ok_and(|response| response.status == 200)
    }

    fn get(&self, path: &str) -> std::io::Result<Response> {
        request(self.address, "GET", path, Some(self.token.text()))
    }
}

/// Encodes a path for a URL; slashes are kept. <https://www.rfc-editor.org/rfc/rfc3986#section-2.1>
pub(crate) fn encode(path: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    path.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    /// Returns a server that responds in these ways to a request that begins so: one with the token, and one without.
    fn server(begin: &'static str, with_token: &'static str, without: &'static str) -> JupyterServer {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 1024];
                let length = stream.read(&mut request).unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                assert!(request.starts_with(begin), "{request}");
                let has_token = request.contains("\r\nAuthorization: token hush\r\n");
                stream.write_all(if has_token { with_token } else { without }.as_bytes()).unwrap();
            }
        });
        JupyterServer::at((Ipv4Addr::LOCALHOST, port).into(), Token::new("hush"))
    }

    fn probe(with_token: &'static str, without: &'static str) -> Probe {
        server("GET /api/status HTTP/1.0\r\n", with_token, without).probe()
    }

    #[test]
    fn a_server_is_shut_down_with_its_token() {
        let shut_down = |response| server("POST /api/shutdown HTTP/1.0\r\n", response, "").shut_down();
        assert!(shut_down("HTTP/1.1 200 OK\r\n\r\n"));
        assert!(!shut_down("HTTP/1.1 403 Forbidden\r\n\r\n"));
        assert!(!shut_down(""));
    }

    #[test]
    fn what_the_server_responds_decides() {
        const OK: &str =
            "HTTP/1.1 200 OK\r\n\r\n{\"kernels\": 2, \"last_activity\": \"x\", \"connections\": 1}";
        const NO: &str = "HTTP/1.1 403 Forbidden\r\n\r\n";
        let status = ServerStatus { kernels: 2, last_activity: "x".to_owned() };
        assert_eq!(probe(OK, NO), Probe::Ready(status.clone()));
        assert_eq!(probe(OK, OK), Probe::Open(status));
        assert_eq!(probe(NO, NO), Probe::Refused);
        assert_eq!(probe("HTTP/1.1 200 OK\r\n\r\n<html>", NO), Probe::NotJupyter);
        assert_eq!(probe("HTTP/1.1 404 Not Found\r\n\r\n", NO), Probe::NotJupyter);
        assert_eq!(probe("", ""), Probe::NoResponse);
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server = JupyterServer::at(silent.local_addr().unwrap(), Token::new("hush"));
        assert_eq!(server.probe(), Probe::Late);
        let address = silent.local_addr().unwrap();
        drop(silent);
        assert_eq!(JupyterServer::at(address, Token::new("hush")).probe(), Probe::NoResponse);
    }

    #[test]
    fn a_notebook_is_opened_in_jupyter_notebook_only_without_jupyterlab() {
        let page = |response| server("GET /lab HTTP/1.0\r\n", response, "").page_of("a/my déjà?.ipynb");
        let name = "a/my%20d%C3%A9j%C3%A0%3F.ipynb";
        assert_eq!(page("HTTP/1.1 200 OK\r\n\r\n<html>"), format!("lab/tree/{name}"));
        assert_eq!(page("HTTP/1.1 404 Not Found\r\n\r\n"), format!("notebooks/{name}"));
        // It is slow, and not without JupyterLab.
        assert_eq!(page(""), format!("lab/tree/{name}"));
    }

    #[test]
    fn the_token_is_encoded_in_a_url() {
        let server = JupyterServer::at((Ipv4Addr::LOCALHOST, 8889).into(), Token::new("t&k"));
        assert_eq!(server.url(None), "http://127.0.0.1:8889/?token=t%26k");
        assert_eq!(
            server.url(Some("lab/tree/a.ipynb")),
            "http://127.0.0.1:8889/lab/tree/a.ipynb?token=t%26k"
        );
    }
}
