//! A plain registry on a dock, without TLS and password, for images that the dock pulls.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Dock;
use crate::engine::Engine;
use crate::proxy::{Proxy, Target};
use crate::unavailable::Unavailable;

const PORT: u16 = 5000;

/// It listens on all addresses, so that this machine can reach it too. No other machine reaches a dock.
const CONFIG: &str = "version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: '0.0.0.0:5000'}
";

/// A registry on a dock. It ends with the dock.
///
/// An engine accepts plain HTTP from loopback addresses alone, so the registry has one name on the dock and another one on
/// this machine, where a proxy leads to it.
#[derive(Debug)]
pub struct Registry {
    proxy: Proxy,
}

impl Dock {
    /// Starts a registry on it.
    ///
    /// # Panics
    /// Panics if docker-registry is not installed; `scripts/setup.sh test` installs it.
    pub fn start_registry(&self) -> Registry {
        Registry::start(self).expect("docker-registry")
    }
}

impl Registry {
    /// Its host and port on the dock.
    pub const ON_DOCK: &str = "127.0.0.1:5000";

    fn start(dock: &Dock) -> Result<Self, Unavailable> {
        let config = "etc/docker/registry.yml";
        fs::write(dock.root().join(config), CONFIG)?;
        dock.machine.start("registry", &["docker-registry", "serve", &format!("/{config}")])?;
        let address = SocketAddr::from((dock.address(), PORT));
        dock.machine.wait_for("registry", || TcpStream::connect(address).is_ok())?;
        Ok(Registry { proxy: Proxy::to(Target::Tcp(address), Duration::ZERO) })
    }

    /// Returns its host and port on this machine.
    pub fn local_name(&self) -> String {
        self.proxy.address().to_string()
    }

    /// Pushes an image of an engine on this machine, and returns the image's reference on the dock.
    ///
    /// An engine with the classic store compresses the layers when it pushes them: with containerd's store, an image that
    /// was pulled consists of other blobs than one that was loaded.
    ///
    /// # Panics
    /// Panics if the engine cannot push it.
    #[track_caller]
    pub fn push(&self, engine: &Engine, reference: &str) -> String {
        let name = format!("{}/{reference}", self.local_name());
        engine.docker(&["tag", reference, &name]);
        engine.docker(&["push", &name]);
        engine.docker(&["rmi", &name]);
        format!("{}/{reference}", Self::ON_DOCK)
    }
}
