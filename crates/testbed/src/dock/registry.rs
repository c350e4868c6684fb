//! A plain registry on a dock: no TLS, no password, for images that are to be pulled there.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Dock;
use crate::engine::Engine;
use crate::proxy::{Proxy, Target};
use crate::unavailable::Unavailable;

const PORT: u16 = 5000;

/// Its address is its own choice, so that this machine can reach it too; nobody else can reach a dock.
const CONFIG: &str = "version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: '0.0.0.0:5000'}
";

/// A registry on a dock. It ends with the dock.
///
/// An engine takes plain HTTP from loopback alone: so it has a name there for the dock, and another one for this
/// machine.
#[derive(Debug)]
pub struct Registry {
    way: Proxy,
}

impl Registry {
    /// Its name on the dock.
    pub const ON_DOCK: &str = "127.0.0.1:5000";

    pub(super) fn start(dock: &Dock) -> Result<Self, Unavailable> {
        let config = "etc/docker/registry.yml";
        fs::write(dock.root().join(config), CONFIG)?;
        dock.machine.start("registry", &["docker-registry", "serve", &format!("/{config}")])?;
        let address = SocketAddr::from((dock.address(), PORT));
        dock.machine.wait_for("registry", || TcpStream::connect(address).is_ok())?;
        Ok(Registry { way: Proxy::to(Target::Tcp(address), Duration::ZERO) })
    }

    /// Its name on this machine.
    pub fn local_name(&self) -> String {
        self.way.address().to_string()
    }

    /// Gives it an image that an engine here has, and answers with the image's name on the dock.
    ///
    /// An engine with the classic store compresses the layers for it: on a dock with containerd's store an image that is
    /// pulled is made of other blobs than one that is loaded.
    ///
    /// # Panics
    /// When the engine cannot push it.
    #[track_caller]
    pub fn push(&self, engine: &Engine, reference: &str) -> String {
        let name = format!("{}/{reference}", self.local_name());
        engine.docker(&["tag", reference, &name]);
        engine.docker(&["push", &name]);
        engine.docker(&["rmi", &name]);
        format!("{}/{reference}", Self::ON_DOCK)
    }
}
