//! What a dock leaves on the machine that it runs on: all there while it runs, and nothing of it afterwards.

use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use dockerutils_testkit::Dock;

/// The traces of one dock. A second process can be told of them in a line.
pub(crate) struct Traces {
    /// Its folder.
    state: PathBuf,
    /// Its cable.
    cable: PathBuf,
    /// Its network namespace.
    network: PathBuf,
}

impl Traces {
    /// Runs a container that heeds no signal, and notes what to look for.
    pub(crate) fn of(dock: &Dock) -> Self {
        dock.import_busybox("busybox:latest");
        dock.exec(&["docker", "run", "-d", "busybox", "sh", "-c", "trap '' TERM; sleep 1000"]);
        let [.., number, _] = dock.address().octets();
        let pid = fs::read_to_string(dock.root().join("run/machine.pid")).expect("a process id");
        Traces {
            state: dock.root().parent().expect("the dock's folder").to_owned(),
            cable: format!("/sys/class/net/dudock{number}").into(),
            network: fs::read_link(format!("/proc/{}/ns/net", pid.trim())).expect("a namespace"),
        }
    }

    /// There is something of each kind, or the search for it would prove nothing.
    pub(crate) fn are_all_there(&self) {
        assert!(self.state.exists() && self.cable.exists(), "{self}");
        assert!(!self.control_groups().is_empty(), "{self}");
        // sshd, dockerd, containerd, a shim, and what stays for others to enter.
        assert!(self.processes().len() >= 5, "{:?}", self.processes());
    }

    /// The interface is the last to go: the kernel removes it some time after the last process.
    pub(crate) fn wait_until_gone(&self) {
        for _ in 0..1000 {
            if self.left().is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("left behind: {:?}", self.left());
    }

    fn left(&self) -> Vec<PathBuf> {
        let paths = [&self.state, &self.cable].into_iter().filter(|path| path.exists()).cloned();
        paths.chain(self.processes()).chain(self.control_groups()).chain(self.mounts()).collect()
    }

    fn processes(&self) -> Vec<PathBuf> {
        let processes = entries(Path::new("/proc"));
        let is_in_it =
            |process: &PathBuf| fs::read_link(process.join("ns/net")).is_ok_and(|it| it == self.network);
        processes.filter(is_in_it).collect()
    }

    /// The kernel has them in one tree, or in one for each controller.
    fn control_groups(&self) -> Vec<PathBuf> {
        let trees = entries(Path::new("/sys/fs/cgroup")).chain(["/sys/fs/cgroup".into()]);
        trees
            .map(|tree| tree.join(self.state.file_name().expect("a name")))
            .filter(|it| it.exists())
            .collect()
    }

    /// Those that this process sees.
    fn mounts(&self) -> Vec<PathBuf> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").expect("the mounts");
        let points = mounts.lines().filter_map(|line| line.split(' ').nth(4)).map(PathBuf::from);
        points.filter(|point| point.starts_with(&self.state)).collect()
    }
}

fn entries(dir: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path())
}

impl Display for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TRACES {} {} {}", self.state.display(), self.cable.display(), self.network.display())
    }
}

impl FromStr for Traces {
    type Err = ();

    fn from_str(line: &str) -> Result<Self, ()> {
        let paths: Vec<PathBuf> =
            line.strip_prefix("TRACES ").ok_or(())?.split(' ').map(PathBuf::from).collect();
        let [state, cable, network] = paths.try_into().map_err(|_| ())?;
        Ok(Traces { state, cable, network })
    }
}
