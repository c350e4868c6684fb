//! A user's home, an engine here, a dock, and the ways to it.

use std::fs;
use std::process::Command;
use std::time::Duration;
use std::{env, fmt};

use dockerutils_testbed::{Dock, Engine, Image, Proxy, Unavailable, Version};

use crate::measure::time;

const TRANSFER_IMAGE: &str = env!("CARGO_BIN_EXE_transfer-image");

/// One way of the long way.
const ONE_WAY: Duration = Duration::from_millis(25);

/// Which engine sends, and which one receives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) here: Version,
    pub(crate) there: Version,
}

/// What stands while rows are measured. The hosts `near` and `far` are one dock.
pub(crate) struct Setting {
    pub(crate) engine: Engine,
    pub(crate) dock: Dock,
    _far: Proxy,
}

impl Setting {
    /// Both engines have a disk of so many megabytes to themselves.
    pub(crate) fn new(pair: Pair, megabytes: u64) -> Result<Self, Unavailable> {
        let engine = Engine::start_on_disk(pair.here, megabytes)?;
        // Its log tells connections and commands.
        let dock =
            Dock::builder("dock", pair.there).disk(megabytes).sshd_option("LogLevel VERBOSE").start()?;
        let far = dock.proxy(ONE_WAY);
        register(&dock, &dock.address().to_string(), "near", &[]);
        register(&dock, "127.0.0.1", "far", &["--port", &far.address().port().to_string()]);
        for host in ["near", "far"] {
            // Their keys are known from now on.
            time(Command::new("ssh").args([host, "true"]));
        }
        Ok(Setting { engine, dock, _far: far })
    }

    /// Gives the engine here an image.
    pub(crate) fn have(&self, name: &str, image: &Image) {
        self.engine.load(image, &[name]);
    }

    /// transfer-image where it may read the engine's own files.
    pub(crate) fn transfer(&self, image: &str, host: &str) -> Command {
        self.of_engine(Command::new(TRANSFER_IMAGE), image, host)
    }

    /// transfer-image where `docker save` alone gives it the layers: in a user namespace of its own, root may not look
    /// into the engine's mounts.
    pub(crate) fn transfer_saved(&self, image: &str, host: &str) -> Command {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--", TRANSFER_IMAGE]);
        self.of_engine(unshare, image, host)
    }

    fn of_engine(&self, mut transfer: Command, image: &str, host: &str) -> Command {
        let docker = self.engine.command();
        transfer.args([image, host]).current_dir(env::var_os("HOME").unwrap());
        transfer.envs(docker.get_envs().filter_map(|(name, value)| Some((name, value?))));
        transfer
    }

    /// Takes all images from the dock, and waits until its disk is at rest.
    pub(crate) fn empty(&self) {
        self.dock.exec(&["docker", "image", "prune", "--all", "--force"]);
        self.rest();
    }

    /// Takes this image from the dock, if it is there; what other ones need of it stays.
    pub(crate) fn forget(&self, image: &str) {
        self.dock.command("docker").args(["image", "rm", image]).output().unwrap();
        self.rest();
    }

    /// Whether the dock has an image of this name with the layers that it has here.
    pub(crate) fn has_arrived(&self, image: &str) -> bool {
        let layers = ["image", "inspect", "--format", "{{json .RootFS.Layers}}", image];
        let there = self.dock.command("docker").args(layers).output().unwrap();
        String::from_utf8(there.stdout).unwrap().trim_end() == self.engine.docker(&layers)
    }

    /// What the log of its sshd says more often since it was this long: connections, and commands on them.
    pub(crate) fn connections_and_commands(&self, since: usize) -> (usize, usize) {
        let log = self.log();
        let count = |text: &str| log[since..].matches(text).count();
        (count("Accepted publickey"), count("Starting session"))
    }

    /// The log of its sshd.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dock.root().join("var/log/sshd")).unwrap()
    }

    fn rest(&self) {
        self.dock.exec(&["sync", "--file-system", "/var/lib/docker"]);
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "From Docker {} to Docker {}", self.here, self.there)
    }
}

/// Registers a dock under a name.
fn register(dock: &Dock, address: &str, moniker: &str, options: &[&str]) {
    let mut register = Command::new(env!("CARGO_BIN_EXE_register-dock"));
    register.arg("--no-check").arg("--identity").arg(dock.key()).args(options).args([address, moniker]);
    time(&mut register);
}
