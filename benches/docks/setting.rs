//! A user's home, a dock and the ways to it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, thread};

use dockerutils_testbed::{Dock, Engine, Proxy, Unavailable, Version};

use crate::measure::time_ms;

/// One way of the long way.
const ONE_WAY: Duration = Duration::from_millis(25);

/// What stands while rows are measured: the docks `near` and `far`, which are one, are registered.
pub(crate) struct Setting {
    pub(crate) dock: Dock,
    pub(crate) engine: Engine,
    far_ssh: Proxy,
    far_engine: Proxy,
}

impl Setting {
    pub(crate) fn new() -> Result<Self, Unavailable> {
        let dock = Dock::start("dock", Version::V20)?;
        let engine = Engine::start(Version::V20)?;
        dock.import_busybox("busybox:latest");
        engine.import_busybox("busybox:latest");
        let (far_ssh, far_engine) = (dock.proxy(ONE_WAY), dock.engine_proxy(ONE_WAY));
        let setting = Setting { dock, engine, far_ssh, far_engine };
        register(&setting.dock, &setting.dock.address().to_string(), "near", &[]);
        let port = setting.far_ssh.address().port().to_string();
        register(&setting.dock, "127.0.0.1", "far", &["--port", &port]);
        Ok(setting)
    }

    /// docker, told where its engine is.
    pub(crate) fn docker(&self, host: &str, args: &[&str]) -> Command {
        let mut docker = Command::new("docker");
        docker.args(["--host", host]).args(args);
        docker
    }

    /// The dock's engine over plain TCP, the long way.
    pub(crate) fn far_tcp(&self) -> String {
        format!("tcp://{}", self.far_engine.address())
    }

    /// The local engine.
    pub(crate) fn local(&self) -> String {
        format!("unix://{}", self.engine.socket().display())
    }

    /// Waits until no session is open, and none is being closed.
    pub(crate) fn wait_until_nobody_is_connected(&self) {
        while self.dock.connections() > 0 {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Registers a dock under a name.
pub(crate) fn register(dock: &Dock, address: &str, moniker: &str, options: &[&str]) {
    let mut register = Command::new(env!("CARGO_BIN_EXE_register-dock"));
    register.arg("--no-check").arg("--identity").arg(dock.key()).args(options).args([address, moniker]);
    time_ms(&mut register);
}

/// The file that is sourced.
pub(crate) fn shell_dock() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("shell/dock")
}
