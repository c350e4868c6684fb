//! What an engine or a dock has on this machine while it runs, for tests that nothing of it is left afterwards.
//!
//! A footprint is passed between processes as one line of text: a test starts the program `hold`, reads the line, kills
//! the program and waits until the footprint is gone.

use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use dockerutils_testkit::poll_until;

use crate::dock::Dock;
use crate::engine::Engine;

/// A container that ends by SIGKILL alone, as one may that a user runs.
const STUBBORN: [&str; 3] = ["sh", "-c", "trap '' TERM; sleep 1000"];

/// The files and devices that exist as long as an engine or a dock does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footprint {
    /// The folder that holds the state.
    state: PathBuf,
    interfaces: Vec<Interface>,
    /// The network namespace, if it has one of its own: its processes are found by it.
    network: Option<PathBuf>,
}

/// A network interface. Its name alone does not identify it: another engine takes a name as soon as it is free.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Interface {
    name: String,
    /// The kernel's number of it, which is not used again.
    index: u32,
}

impl Footprint {
    /// Runs a container that ignores SIGTERM on a network of its own, and returns the engine's footprint.
    pub fn of_engine(engine: &Engine) -> Self {
        engine.import_busybox("busybox:latest");
        let network = engine.docker(&["network", "create", "own"]);
        engine.docker(&[&["run", "-d", "--network", "own", "busybox"][..], &STUBBORN].concat());
        let bridge_name = "{{index .Options \"com.docker.network.bridge.name\"}}";
        let bridge = engine.docker(&["network", "inspect", "bridge", "--format", bridge_name]);
        Footprint {
            state: engine.docker(&["info", "--format", "{{.DockerRootDir}}"]).into(),
            interfaces: vec![Interface::find(&bridge), Interface::find(&format!("br-{}", &network[..12]))],
            network: None,
        }
    }

    /// Runs a container that ignores SIGTERM, and returns the dock's footprint.
    pub fn of_dock(dock: &Dock) -> Self {
        dock.import_busybox("busybox:latest");
        dock.exec(&[&["docker", "run", "-d", "busybox"][..], &STUBBORN].concat());
        let [.., number, _] = dock.address().octets();
        let pid = fs::read_to_string(dock.root().join("run/machine.pid")).expect("a process id");
        let state = dock.root().parent().expect("the dock's folder").to_owned();
        let network = fs::read_link(format!("/proc/{}/ns/net", pid.trim())).expect("a namespace");
        let interfaces = vec![Interface::find(&format!("dudock{number}"))];
        Footprint { state, interfaces, network: Some(network) }
    }

    /// Asserts that something of each kind exists: otherwise a search for leftovers would prove nothing.
    #[track_caller]
    pub fn assert_complete(&self) {
        assert!(self.state.exists() && self.interfaces.iter().all(Interface::exists), "{self}");
        if self.network.is_some() {
            assert!(!self.control_groups().is_empty(), "{self}");
            // sshd, dockerd, containerd, a shim, and the process that keeps the namespaces open.
            assert!(self.processes().len() >= 5, "{:?}", self.processes());
        }
    }

    /// Waits until nothing of it exists.
    ///
    /// It waits because the kernel removes a network interface some time after the last process of its namespace.
    ///
    /// # Panics
    /// Panics with a list of the leftovers if something is still there after the testkit's time limit.
    #[track_caller]
    pub fn wait_until_gone(&self) {
        let is_gone = poll_until(|| self.leftovers().is_empty().then_some(()));
        assert!(is_gone.is_some(), "left behind: {:?}", self.leftovers());
    }

    /// Returns what of it exists.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let state = Some(self.state.clone()).filter(|state| state.exists());
        let interfaces = self.interfaces.iter().filter(|interface| interface.exists()).map(Interface::folder);
        state
            .into_iter()
            .chain(interfaces)
            .chain(self.processes())
            .chain(self.control_groups())
            .chain(self.mounts())
            .collect()
    }

    fn processes(&self) -> Vec<PathBuf> {
        let Some(network) = &self.network else { return Vec::new() };
        let is_inside =
            |process: &PathBuf| fs::read_link(process.join("ns/net")).is_ok_and(|it| it == *network);
        entries(Path::new("/proc")).filter(is_inside).collect()
    }

    /// Returns its control groups: the kernel has them in one tree, or in one tree for each controller.
    fn control_groups(&self) -> Vec<PathBuf> {
        let Some(name) = self.state.file_name() else { return Vec::new() };
        let trees = entries(Path::new("/sys/fs/cgroup")).chain(["/sys/fs/cgroup".into()]);
        trees.map(|tree| tree.join(name)).filter(|group| group.exists()).collect()
    }

    /// Returns its mounts that this process can see.
    fn mounts(&self) -> Vec<PathBuf> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").expect("the mounts");
        let points = mounts.lines().filter_map(|line| line.split(' ').nth(4)).map(PathBuf::from);
        points.filter(|point| point.starts_with(&self.state)).collect()
    }
}

impl Interface {
    /// Finds the interface that has this name now; index 0, which no interface has, if there is none.
    fn find(name: &str) -> Self {
        Interface { name: name.to_owned(), index: current_index(name).unwrap_or(0) }
    }

    fn exists(&self) -> bool {
        current_index(&self.name) == Some(self.index)
    }

    fn folder(&self) -> PathBuf {
        Path::new("/sys/class/net").join(&self.name)
    }
}

fn current_index(name: &str) -> Option<u32> {
    fs::read_to_string(format!("/sys/class/net/{name}/ifindex")).ok()?.trim().parse().ok()
}

fn entries(dir: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// The line that [`FromStr`] reads: `FOOTPRINT`, the network namespace or `-`, the state folder, and `NAME=INDEX` of
/// each interface.
impl Display for Footprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = self.network.as_deref().unwrap_or(Path::new("-"));
        write!(f, "FOOTPRINT {} {}", network.display(), self.state.display())?;
        self.interfaces.iter().try_for_each(|interface| write!(f, " {}={}", interface.name, interface.index))
    }
}

impl FromStr for Footprint {
    type Err = ();

    fn from_str(line: &str) -> Result<Self, ()> {
        let mut words = line.strip_prefix("FOOTPRINT ").ok_or(())?.split(' ');
        let network = words.next().filter(|network| *network != "-").map(PathBuf::from);
        let state = words.next().ok_or(())?.into();
        let interfaces = words.map(str::parse).collect::<Result<_, ()>>()?;
        Ok(Footprint { state, interfaces, network })
    }
}

impl FromStr for Interface {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let (name, index) = word.split_once('=').ok_or(())?;
        Ok(Interface { name: name.to_owned(), index: index.parse().map_err(|_| ())? })
    }
}
