//! A dock that is registered as `near`, and as `far` behind a proxy that delays; an engine on this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, thread};

use dockerutils_testbed::bench::seconds_of;
use dockerutils_testbed::{Dock, Engine, Proxy, Unavailable, Version};

/// The delay of the far dock in each direction.
const ONE_WAY: Duration = Duration::from_millis(25);

/// The parts that all rows share. `near` and `far` are two names of one dock.
pub(crate) struct Fixture {
    pub(crate) dock: Dock,
    pub(crate) engine: Engine,
    far_ssh: Proxy,
    far_engine: Proxy,
}

impl Fixture {
    pub(crate) fn new() -> Result<Self, Unavailable> {
        let dock = Dock::start("dock", Version::V20)?;
        let engine = Engine::start(Version::V20)?;
        dock.import_busybox("busybox:latest");
        engine.import_busybox("busybox:latest");
        let (far_ssh, far_engine) = (dock.proxy(ONE_WAY), dock.engine_proxy(ONE_WAY));
        let fixture = Fixture { dock, engine, far_ssh, far_engine };
        register(&fixture.dock, &fixture.dock.address().to_string(), "near", &[]);
        let port = fixture.far_ssh.address().port().to_string();
        register(&fixture.dock, "127.0.0.1", "far", &["--port", &port]);
        Ok(fixture)
    }

    /// Returns docker with this engine.
    pub(crate) fn docker(&self, host: &str, args: &[&str]) -> Command {
        let mut docker = Command::new("docker");
        docker.args(["--host", host]).args(args);
        docker
    }

    /// Returns the address of the far dock's engine over plain TCP.
    pub(crate) fn far_tcp(&self) -> String {
        format!("tcp://{}", self.far_engine.address())
    }

    /// Returns the address of the engine on this machine.
    pub(crate) fn local(&self) -> String {
        format!("unix://{}", self.engine.socket().display())
    }

    /// Waits until sshd has no connection: no session is open, and none is being closed.
    pub(crate) fn wait_until_disconnected(&self) {
        while self.dock.connections() > 0 {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Registers a dock by a moniker.
pub(crate) fn register(dock: &Dock, address: &str, moniker: &str, options: &[&str]) {
    let mut register = Command::new(env!("CARGO_BIN_EXE_register-dock"));
    register.arg("--no-check").arg("--identity").arg(dock.key()).args(options).args([address, moniker]);
    seconds_of(&mut register);
}

/// Returns the file that `source dock` reads.
pub(crate) fn shell_dock() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("shell/dock")
}

/// Starts as many children of a command at once, and returns how many fail.
pub(crate) fn failures(count: usize, command: &mut Command) -> usize {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let children: Vec<_> = (0..count).map(|_| command.spawn().unwrap()).collect();
    let statuses = children.into_iter().map(|mut child| child.wait().unwrap());
    statuses.filter(|status| !status.success()).count()
}
