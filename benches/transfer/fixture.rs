//! An engine on this machine, and a dock that is registered as `near`, and as `far` behind a proxy that delays.

use std::fs;
use std::process::Command;
use std::time::Duration;
use std::{env, fmt};

use dockerutils_testbed::bench::seconds_of;
use dockerutils_testbed::{Dock, Engine, Image, Proxy, Unavailable, Version};

const TRANSFER_IMAGE: &str = env!("CARGO_BIN_EXE_transfer-image");

/// The delay of the far dock in each direction.
const ONE_WAY: Duration = Duration::from_millis(25);

/// Which engine sends, and which one receives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) local: Version,
    pub(crate) remote: Version,
}

/// The parts that all rows share. `near` and `far` are two names of one dock.
pub(crate) struct Fixture {
    pub(crate) engine: Engine,
    pub(crate) dock: Dock,
    _far: Proxy,
}

impl Fixture {
    /// Starts both engines, each with a disk of so many megabytes to itself.
    pub(crate) fn new(pair: Pair, megabytes: u64) -> Result<Self, Unavailable> {
        let engine = Engine::start_on_disk(pair.local, megabytes)?;
        // VERBOSE: its log then shows connections and commands.
        let dock =
            Dock::builder("dock", pair.remote).disk(megabytes).sshd_option("LogLevel VERBOSE").start()?;
        let far = dock.proxy(ONE_WAY);
        register(&dock, &dock.address().to_string(), "near", &[]);
        register(&dock, "127.0.0.1", "far", &["--port", &far.address().port().to_string()]);
        for host in ["near", "far"] {
            // Their host keys are known from now on.
            seconds_of(Command::new("ssh").args([host, "true"]));
        }
        Ok(Fixture { engine, dock, _far: far })
    }

    /// Loads an image into the engine on this machine.
    pub(crate) fn load(&self, name: &str, image: &Image) {
        self.engine.load(image, &[name]);
    }

    /// Returns transfer-image, which as root reads the engine's own files.
    pub(crate) fn transfer(&self, image: &str, host: &str) -> Command {
        self.of_engine(Command::new(TRANSFER_IMAGE), image, host)
    }

    /// Returns a transfer-image that gets the layers from `docker save`: in a user namespace of its own root may not read
    /// the engine's mounts.
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

    /// Removes all images from the dock, and waits until its disk is at rest.
    pub(crate) fn empty(&self) {
        self.dock.exec(&["docker", "image", "prune", "--all", "--force"]);
        self.rest();
    }

    /// Removes an image from the dock if it is there; layers of other images stay.
    pub(crate) fn forget(&self, image: &str) {
        self.dock.command("docker").args(["image", "rm", image]).output().unwrap();
        self.rest();
    }

    /// Returns whether the dock has an image of this name with the same layers as on this machine.
    pub(crate) fn has_arrived(&self, image: &str) -> bool {
        let layers = ["image", "inspect", "--format", "{{json .RootFS.Layers}}", image];
        let there = self.dock.command("docker").args(layers).output().unwrap();
        String::from_utf8(there.stdout).unwrap().trim_end() == self.engine.docker(&layers)
    }

    /// Returns the connections and the commands that its sshd has logged since the log was this long.
    pub(crate) fn connections_and_commands(&self, since: usize) -> (usize, usize) {
        let log = self.log();
        let count = |text: &str| log[since..].matches(text).count();
        (count("Accepted publickey"), count("Starting session"))
    }

    /// Returns the log of its sshd.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dock.root().join("var/log/sshd")).unwrap()
    }

    fn rest(&self) {
        self.dock.exec(&["sync", "--file-system", "/var/lib/docker"]);
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "From Docker {} to Docker {}", self.local, self.remote)
    }
}

/// Registers a dock by a moniker.
fn register(dock: &Dock, address: &str, moniker: &str, options: &[&str]) {
    let mut register = Command::new(env!("CARGO_BIN_EXE_register-dock"));
    register.arg("--no-check").arg("--identity").arg(dock.key()).args(options).args([address, moniker]);
    seconds_of(&mut register);
}
