//! Whether the engine can be reached, told from its socket alone.
//!
//! Connecting to a local socket costs microseconds and asks the engine nothing, so it is done before every command that
//! ends as docker. Where it fails docker says so in its own words, and [`Trouble`] adds the remedy. Engines that are not
//! behind a local socket are left to docker. <https://docs.docker.com/engine/manage-resources/contexts/>

use std::env;
use std::fmt;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
use nix::sys::socket::{getsockopt, sockopt};
use serde::Deserialize;

use crate::client_config::{self, ClientConfig};

/// Where docker looks for the engine when nothing says otherwise.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// Why the engine behind a local socket cannot be reached.
#[derive(Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The socket may not be used by this user.
    PermissionDenied(PathBuf),
    /// Nobody listens there.
    NotRunning(PathBuf),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Trouble::PermissionDenied(socket) => write!(
                f,
                "you may not use {}: join the docker group with `sudo usermod -aG docker $USER` and log in again",
                socket.display()
            ),
            Trouble::NotRunning(socket) => write!(
                f,
                "no docker engine listens on {}: start it with `sudo systemctl start docker` (Docker Desktop: open it)",
                socket.display()
            ),
        }
    }
}

/// Tells whether the engine's local socket can be connected to.
pub fn trouble() -> Option<Trouble> {
    let socket = local_socket()?;
    match UnixStream::connect(&socket).map_err(|error| error.kind()) {
        Err(ErrorKind::PermissionDenied) => Some(Trouble::PermissionDenied(socket)),
        Err(ErrorKind::NotFound | ErrorKind::ConnectionRefused) => Some(Trouble::NotRunning(socket)),
        _ => None,
    }
}

/// The local socket that docker would use: DOCKER_HOST, else the context of DOCKER_CONTEXT or of docker's own
/// configuration, else the default one.
fn local_socket() -> Option<PathBuf> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(host) = variable("DOCKER_HOST") {
        return socket_of(&host);
    }
    let config = client_config::folder();
    let context = variable("DOCKER_CONTEXT").or_else(|| current_context(config.as_deref()?));
    match (context, config) {
        (Some(context), Some(config)) if context != "default" => socket_of(&endpoint(&config, &context)?),
        _ => Some(PathBuf::from(DEFAULT_SOCKET)),
    }
}

/// Where the engine's own `/` is found from here: `/` itself, but for an engine behind a local socket that lives in a
/// mount namespace of its own (from a snap, in a container, started by hand) and whose processes we may look into.
///
/// It matters to who reads the engine's files. Linux alone has engines that are not in a virtual machine.
pub fn root() -> PathBuf {
    #[cfg(target_os = "linux")]
    if let Some(root) = local_socket().and_then(|socket| root_of_listener(&socket)) {
        return root;
    }
    PathBuf::from("/")
}

/// The root folder of the process that listens there; see unix(7), `SO_PEERCRED`, and proc_pid_root(5).
#[cfg(target_os = "linux")]
fn root_of_listener(socket: &Path) -> Option<PathBuf> {
    let connection = UnixStream::connect(socket).ok()?;
    let listener = getsockopt(&connection, sockopt::PeerCredentials).ok()?;
    let root = Path::new("/proc").join(listener.pid().to_string()).join("root");
    root.read_dir().is_ok().then_some(root)
}

fn socket_of(host: &str) -> Option<PathBuf> {
    host.strip_prefix("unix://").map(PathBuf::from)
}

#[derive(Deserialize)]
struct Context {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Endpoints")]
    endpoints: Endpoints,
}

#[derive(Deserialize)]
struct Endpoints {
    docker: Endpoint,
}

#[derive(Deserialize)]
struct Endpoint {
    #[serde(rename = "Host")]
    host: String,
}

fn current_context(config: &Path) -> Option<String> {
    ClientConfig::read_in(config)?.current_context
}

fn endpoint(config: &Path, context: &str) -> Option<String> {
    let folders = config.join("contexts/meta").read_dir().ok()?;
    let metas = folders.flatten().filter_map(|folder| std::fs::read(folder.path().join("meta.json")).ok());
    let mut contexts = metas.filter_map(|bytes| serde_json::from_slice::<Context>(&bytes).ok());
    contexts.find(|candidate| candidate.name == context).map(|found| found.endpoints.docker.host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contexts_endpoint_is_found_by_its_name() {
        let config = tempfile::tempdir().unwrap();
        let meta = config.path().join("contexts/meta/abc");
        std::fs::create_dir_all(&meta).unwrap();
        let json = r#"{"Name":"desktop","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///x.sock","SkipTLSVerify":false}}}"#;
        std::fs::write(meta.join("meta.json"), json).unwrap();
        std::fs::write(config.path().join("config.json"), r#"{"auths":{},"currentContext":"desktop"}"#)
            .unwrap();
        assert_eq!(current_context(config.path()).as_deref(), Some("desktop"));
        assert_eq!(endpoint(config.path(), "desktop").as_deref(), Some("unix:///x.sock"));
        assert_eq!(endpoint(config.path(), "other"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_listeners_root_is_found_through_its_socket() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("docker.sock");
        assert_eq!(root_of_listener(&socket), None);
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let root = root_of_listener(&socket).unwrap();
        assert_eq!(root, Path::new(&format!("/proc/{}/root", std::process::id())));
        assert!(root.join(folder.path().strip_prefix("/").unwrap()).join("docker.sock").exists());
    }

    #[test]
    fn only_local_sockets_are_looked_at() {
        assert_eq!(socket_of("unix:///run/x.sock"), Some(PathBuf::from("/run/x.sock")));
        assert_eq!(socket_of("ssh://me@there"), None);
        assert_eq!(socket_of("tcp://127.0.0.1:2375"), None);
    }
}
