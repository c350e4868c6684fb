//! Finds out from its socket alone why the engine cannot be reached.
//!
//! Connecting to a local socket takes microseconds and sends the engine nothing, so it is done before every command that
//! becomes docker. Docker reports the failure itself, and [`EngineUnreachable`] adds the remedy. Engines without a local
//! socket are not checked. <https://docs.docker.com/engine/manage-resources/contexts/>

use std::env;
use std::fmt;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
use nix::sys::socket::{getsockopt, sockopt};
use serde::Deserialize;

use crate::client;
use crate::client_config::{self, ClientConfig};

/// The socket that docker uses if neither a variable nor a context names another one.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// The prefix of a local socket in DOCKER_HOST.
const UNIX: &str = "unix://";

/// Why the engine behind a local socket cannot be reached.
#[derive(Debug, PartialEq, Eq)]
pub enum EngineUnreachable {
    /// This user has no permission to use the socket.
    PermissionDenied(PathBuf),
    /// No process listens on the socket.
    NotRunning(PathBuf),
}

impl fmt::Display for EngineUnreachable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            EngineUnreachable::PermissionDenied(socket) => write!(
                f,
                "you have no permission to use {}: join the docker group with `sudo usermod -aG docker $USER` and log in again",
                socket.display()
            ),
            EngineUnreachable::NotRunning(socket) => write!(
                f,
                "no docker engine listens on {}: start it with `sudo systemctl start docker` (Docker Desktop: open it)",
                socket.display()
            ),
        }
    }
}

/// Returns why the engine's local socket cannot be connected to. `None` if it can, or if the engine has no local socket.
pub fn diagnose() -> Option<EngineUnreachable> {
    let socket = local_socket()?;
    match UnixStream::connect(&socket).map_err(|error| error.kind()) {
        Err(ErrorKind::PermissionDenied) => Some(EngineUnreachable::PermissionDenied(socket)),
        // Podman needs no engine.
        Err(ErrorKind::NotFound | ErrorKind::ConnectionRefused) if client::is_podman() => None,
        // An engine that was killed leaves its socket behind, which then refuses connections.
        Err(ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            Some(EngineUnreachable::NotRunning(socket))
        }
        _ => None,
    }
}

/// Returns whether the engine is reached through a local socket.
pub fn has_local_socket() -> bool {
    local_socket().is_some()
}

/// How docker finds its engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// What decides.
    pub source: EndpointSource,
    /// The value that DOCKER_HOST would have; `None` if the context does not exist.
    pub host: Option<String>,
}

/// What decides which engine docker uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointSource {
    /// The variable DOCKER_HOST.
    Host,
    /// A context, which this variable or file names.
    Context {
        /// The name of the context.
        name: String,
        /// DOCKER_CONTEXT or `config.json`.
        named_by: &'static str,
    },
    /// Neither a variable nor a context.
    Default,
}

/// Returns how docker finds its engine: by DOCKER_HOST, else by the context of DOCKER_CONTEXT or of docker's own
/// configuration, else at the default socket.
pub fn endpoint() -> Endpoint {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(host) = variable("DOCKER_HOST") {
        return Endpoint { source: EndpointSource::Host, host: Some(host) };
    }
    let config = client_config::folder();
    let of_config = || Some((current_context(config.as_deref()?)?, "config.json"));
    let context = variable("DOCKER_CONTEXT").map(|name| (name, "DOCKER_CONTEXT")).or_else(of_config);
    match (context, &config) {
        // The context `default` stands for the built-in default and has no file.
        (Some((name, named_by)), Some(config)) if name != "default" => {
            let host = context_host(config, &name);
            Endpoint { source: EndpointSource::Context { name, named_by }, host }
        }
        _ => Endpoint { source: EndpointSource::Default, host: Some(format!("{UNIX}{DEFAULT_SOCKET}")) },
    }
}

/// Returns the local socket that docker would use; `None` if it uses none.
pub(crate) fn local_socket() -> Option<PathBuf> {
    socket_of(&endpoint().host?)
}

/// Returns the path on this machine of the engine's root folder, under which its files are found.
///
/// It is `/`, unless the engine runs in a mount namespace of its own (from a snap, in a container, started by hand) and we
/// have permission to read its process. Only on Linux does an engine run outside a virtual machine.
pub fn root() -> PathBuf {
    #[cfg(target_os = "linux")]
    if let Some(root) = local_socket().and_then(|socket| root_of_listener(&socket)) {
        return root;
    }
    PathBuf::from("/")
}

/// Returns the root folder of the process that listens on the socket; see unix(7), `SO_PEERCRED`, and proc_pid_root(5).
#[cfg(target_os = "linux")]
fn root_of_listener(socket: &Path) -> Option<PathBuf> {
    let connection = UnixStream::connect(socket).ok()?;
    let listener = getsockopt(&connection, sockopt::PeerCredentials).ok()?;
    let root = Path::new("/proc").join(listener.pid().to_string()).join("root");
    root.read_dir().is_ok().then_some(root)
}

fn socket_of(host: &str) -> Option<PathBuf> {
    host.strip_prefix(UNIX).map(PathBuf::from)
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
    docker: ContextEndpoint,
}

#[derive(Deserialize)]
struct ContextEndpoint {
    #[serde(rename = "Host")]
    host: String,
}

fn current_context(config: &Path) -> Option<String> {
    ClientConfig::read_in(config).ok()?.current_context
}

fn context_host(config: &Path, context: &str) -> Option<String> {
    let folders = config.join("contexts/meta").read_dir().ok()?;
    let metas =
        folders.flatten().filter_map(|folder| dockerutils_file::read(&folder.path().join("meta.json")).ok());
    let mut contexts = metas.filter_map(|bytes| serde_json::from_slice::<Context>(&bytes).ok());
    contexts.find(|candidate| candidate.name == context).map(|found| found.endpoints.docker.host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_of_a_context_is_found_by_its_name() {
        let config = tempfile::tempdir().unwrap();
        let meta = config.path().join("contexts/meta/abc");
        std::fs::create_dir_all(&meta).unwrap();
        let json = r#"{"Name":"desktop","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///x.sock","SkipTLSVerify":false}}}"#;
        std::fs::write(meta.join("meta.json"), json).unwrap();
        std::fs::write(config.path().join("config.json"), r#"{"auths":{},"currentContext":"desktop"}"#)
            .unwrap();
        assert_eq!(current_context(config.path()).as_deref(), Some("desktop"));
        assert_eq!(context_host(config.path(), "desktop").as_deref(), Some("unix:///x.sock"));
        assert_eq!(context_host(config.path(), "other"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_root_of_a_listener_is_found_through_its_socket() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("docker.sock");
        assert_eq!(root_of_listener(&socket), None);
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let root = root_of_listener(&socket).unwrap();
        assert_eq!(root, Path::new(&format!("/proc/{}/root", std::process::id())));
        assert!(root.join(folder.path().strip_prefix("/").unwrap()).join("docker.sock").exists());
    }

    #[test]
    fn only_local_sockets_are_checked() {
        assert_eq!(socket_of("unix:///run/x.sock"), Some(PathBuf::from("/run/x.sock")));
        assert_eq!(socket_of("ssh://me@host"), None);
        assert_eq!(socket_of("tcp://127.0.0.1:2375"), None);
    }
}
