//! Docks: machines with docker and sshd, made on this one.
//!
//! Each has namespaces, a root file system and a network link of its own, a real sshd and a real dockerd. It ends with the
//! process that started it, however that ends; it needs root. It reaches this machine alone, and only this machine
//! reaches it, unless a further link connects it to another dock.

mod builder;
mod cable;
mod client;
mod home;
mod jupyter;
mod link;
mod machine;
mod options;
mod program;
mod registry;
mod root;
mod users;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

pub use self::builder::Builder;
use self::client::Client;
pub(crate) use self::client::install_programs;
pub use self::home::reexec_with_home;
use self::link::NetLink;
use self::machine::Machine;
pub use self::registry::Registry;
use crate::base_images;
use crate::image::Image;
use crate::limited;
use crate::proxy::{Proxy, Target};
use crate::unavailable::Unavailable;
use crate::version::{Version, testbed};

/// A dock.
///
/// Its user `ubuntu` is in the group docker, owns /data/workspaces and may use sudo. Three others are not in that group:
/// `guest` may not use sudo, `admin` may without a password, `asker` needs a password, which does not exist. All log in
/// with one key, and in no other way.
#[derive(Debug)]
pub struct Dock {
    version: Version,
    link: NetLink,
    client: Client,
    machine: Machine,
}

impl Dock {
    /// Returns the version of its engine.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns its address. All others of the same /24 are routed to its link too, and unused.
    pub fn address(&self) -> Ipv4Addr {
        self.link.address()
    }

    /// Returns the private key that its users log in with.
    pub fn key(&self) -> PathBuf {
        self.client.key()
    }

    /// Returns a PATH with the docker client of its engine's version, and an ssh whose `~` is HOME.
    ///
    /// The real ssh takes the home from the system's list of users, and would read the files of the user who runs the
    /// tests.
    pub fn path(&self) -> OsString {
        self.client.path()
    }

    /// Returns ssh to this user, without the caller's configuration, with the host key that the dock was started with.
    ///
    /// Further options may be added, and then a remote command.
    pub fn ssh(&self, user: &str) -> Command {
        self.client.ssh(user)
    }

    /// Returns a command that runs on it as root, without ssh.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.machine.command(program)
    }

    /// Runs a command on it as root, without ssh, and returns its standard output without the last newline.
    ///
    /// # Panics
    /// Panics if it exits with a status other than 0.
    #[track_caller]
    pub fn exec(&self, words: &[&str]) -> String {
        let (program, args) = words.split_first().expect("a program");
        let output = limited::output(self.command(program).args(args)).expect("nsenter");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?} on the dock: {}\n{stderr}", output.status);
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Returns the root of its file system as a folder of this machine. Mounts in it, as that of its engine's data, are not visible.
    pub fn root(&self) -> PathBuf {
        self.machine.root()
    }

    /// Returns the id of a process in it that runs as long as it does.
    pub(crate) fn pid(&self) -> u32 {
        self.machine.pid()
    }

    /// Imports an image of this machine's static busybox.
    pub fn import_busybox(&self, reference: &str) {
        base_images::import_busybox(self.command("docker"), reference).expect("an image of busybox");
    }

    /// Imports an image of a small Debian with JupyterLab, as [`Engine::import_jupyter`](crate::Engine::import_jupyter).
    pub fn import_jupyter(&self, reference: &str) {
        base_images::import_jupyter(self.command("docker"), &testbed().join("jupyter.tar"), reference)
            .expect("an image with JupyterLab");
    }

    /// Loads a generated image under these references.
    pub fn load(&self, image: &Image, references: &[&str]) {
        image.load(self.command("docker"), references).expect("an image");
    }

    /// Takes its network link down, like a pulled cable: connections hang, and new ones find no route.
    pub fn disconnect(&self) {
        self.link.set(&self.machine, "down").expect("the link");
    }

    /// Takes its network link up again.
    pub fn reconnect(&self) {
        self.link.set(&self.machine, "up").expect("the link");
    }

    /// Lays a link to another dock, on which this one has an address of its own and the other one keeps its address.
    pub fn connect_to(&self, other: &Dock, own: Ipv4Addr) {
        cable::lay((&self.machine, own), (&other.machine, other.address())).expect("a link");
    }

    /// Limits its link to so many megabits a second in each direction.
    pub fn limit_bandwidth(&self, megabits: u32) {
        self.link.limit(&self.machine, megabits).expect("a limit");
    }

    /// Removes the limit of its link.
    pub fn unlimit_bandwidth(&self) {
        self.link.unlimit(&self.machine).expect("no limit");
    }

    /// Returns the number of bytes that its link has carried to it, headers included.
    pub fn received(&self) -> u64 {
        self.link.carried_to_it()
    }

    /// Opens a proxy to its sshd that delays by this time in each direction.
    pub fn proxy(&self, one_way: Duration) -> Proxy {
        Proxy::to(Target::Tcp(SocketAddr::from((self.address(), 22))), one_way)
    }

    /// Opens a proxy to its engine's socket, over plain TCP and without ssh, that delays by this time in each direction.
    ///
    /// As long as it exists, every user of this machine has access to the engine.
    pub fn engine_proxy(&self, one_way: Duration) -> Proxy {
        Proxy::to(Target::Unix(self.root().join("run/docker.sock")), one_way)
    }

    /// Returns the number of connections that its sshd holds.
    pub fn connections(&self) -> usize {
        self.sockets_of_ssh("01")
    }

    /// Stops its sshd: connections stay, and new ones are refused.
    pub fn stop_ssh(&self) {
        self.stop("sshd");
    }

    /// Starts its sshd again.
    pub fn start_ssh(&self) {
        self.run_ssh().expect("sshd");
    }

    /// Replaces its host key. Its clients still have the old one.
    pub fn change_host_key(&self) {
        self.stop_ssh();
        root::make_host_key(&self.root()).expect("a key");
        self.start_ssh();
    }

    /// Stops its engine and all containers.
    pub fn stop_docker(&self) {
        self.stop("docker");
    }

    /// Starts its engine again.
    pub fn start_docker(&self) {
        self.run_docker().expect("dockerd");
    }

    fn run_ssh(&self) -> Result<(), Unavailable> {
        self.machine.start("sshd", &["/usr/sbin/sshd", "-D", "-e"])?;
        self.machine.wait_for("sshd", || self.sockets_of_ssh("0A") > 0)
    }

    fn run_docker(&self) -> Result<(), Unavailable> {
        // The group has the name of the state folder, by which the supervisor finds and removes it.
        let cgroup = Path::new("/").join(self.machine.state().file_name().unwrap_or_default());
        let cgroup = format!("--cgroup-parent={}", cgroup.display());
        // There is no systemd in the machine to manage control groups.
        self.machine.start("docker", &["dockerd", "--exec-opt", "native.cgroupdriver=cgroupfs", &cgroup])?;
        let is_ready = |mut docker: Command| {
            limited::output(docker.arg("version")).is_ok_and(|out| out.status.success())
        };
        self.machine.wait_for("docker", || is_ready(self.command("docker")))
    }

    /// Ends a service by the id in its pid file; the service removes that file last.
    fn stop(&self, name: &str) {
        let file = self.root().join("run").join(name).with_extension("pid");
        let pid = fs::read_to_string(&file).expect("a pid file");
        self.exec(&["kill", "-TERM", pid.trim()]);
        self.machine.wait_for(name, || !file.exists()).expect("an end");
    }

    /// Counts the sockets of port 22 in a state; see /proc/net/tcp in proc(5).
    fn sockets_of_ssh(&self, state: &str) -> usize {
        let table =
            || -> io::Result<String> { fs::read_to_string(format!("/proc/{}/net/tcp", self.machine.pid())) };
        let table = table().expect("the dock's sockets");
        let is_counted = |line: &&str| {
            let mut fields = line.split_whitespace().skip(1);
            let local = fields.next().is_some_and(|address| address.ends_with(":0016"));
            local && fields.nth(1) == Some(state)
        };
        table.lines().filter(is_counted).count()
    }
}

/// Returns one dock, shared by the tests of one process; tests that pull its cable or stop its services start their own.
///
/// It has an image `busybox:latest`.
///
/// # Panics
/// Panics if this machine cannot have it.
#[track_caller]
pub fn dock() -> &'static Dock {
    static DOCK: OnceLock<Dock> = OnceLock::new();
    DOCK.get_or_init(|| {
        let dock = Dock::start("dock", Version::V20).unwrap_or_else(|reason| panic!("no dock: {reason}"));
        dock.import_busybox("busybox:latest");
        dock
    })
}
