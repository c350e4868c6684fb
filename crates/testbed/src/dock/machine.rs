//! The machine of a dock: namespaces and a root file system of its own.
//!
//! It ends with the process that started it, however that ends: `supervisor.sh` removes it. Its processes see no process
//! and no file outside.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use dockerutils_testkit::poll_until;

use super::options::Options;
use super::root;
use crate::unavailable::Unavailable;
use crate::version::Version;
use crate::{disk, limited};

/// The scripts are part of the program, because a benchmark may run when their folder is gone.
const SCRIPTS: [(&str, &str); 2] =
    [("supervisor.sh", include_str!("supervisor.sh")), ("machine.sh", include_str!("machine.sh"))];

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

#[derive(Debug)]
pub(super) struct Machine {
    state: PathBuf,
    supervisor: Child,
    pipe: Option<ChildStdin>,
    log: File,
    pid: u32,
}

impl Machine {
    /// Boots a machine, without its services.
    pub(super) fn boot(dock: &Options) -> Result<Self, Unavailable> {
        let state = tempfile::Builder::new().prefix("dockerutils-dock-").tempdir()?;
        let key = state.path().join("key");
        root::make_key(&key)?;
        let root = state.path().join("root");
        match &dock.kept_root {
            Some(kept) => {
                // The supervisor removes the link alone.
                symlink(kept, &root)?;
                if kept.is_dir() { root::reset(kept)? } else { root::make(kept, dock, &key)? }
            }
            None => root::make(&root, dock, &key)?,
        }
        root::hide(&dock.hidden, &state.path().join("usr"))?;
        dock.disk.map_or(Ok(()), |megabytes| disk::make(state.path(), megabytes))?;
        for (script, text) in SCRIPTS {
            fs::write(state.path().join(script), text)?;
        }
        let log = File::create_new(state.path().join("log"))?;
        let layers = layers(dock.version, state.path());
        let mut supervisor = supervise(state.path(), &layers, &log)?;
        let pipe = supervisor.stdin.take();
        // From here on the supervisor removes the state folder.
        let mut machine = Machine { state: state.keep(), supervisor, pipe, log, pid: 0 };
        machine.pid = machine.wait_until_up()?;
        Ok(machine)
    }

    /// Returns the state folder, whose name is unique on this host.
    pub(super) fn state(&self) -> &Path {
        &self.state
    }

    /// Returns the root of its file system as seen from outside, where mounts in it are not visible.
    pub(super) fn root(&self) -> PathBuf {
        self.state.join("root")
    }

    /// Returns the id of a process in it that runs as long as the machine.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns a command that runs in it as root, in its root folder.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.pid.to_string()])
            .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd", "--"])
            .arg(program)
            // nsenter changes namespaces, not the environment, which would be that of the tests.
            .env_clear()
            .envs([("PATH", PATH), ("HOME", "/root"), ("LANG", "C.UTF-8")])
            .stdin(Stdio::null());
        command
    }

    /// Starts a service in it; its output goes to /var/log.
    pub(super) fn start(&self, name: &str, words: &[&str]) -> io::Result<()> {
        let log = File::options().append(true).create(true).open(self.service_log(name))?;
        let mut command = self.command("setsid");
        // --fork: the service must not be a child of this process, which would have to wait for it.
        let status =
            command.arg("--fork").args(words).stdout(log.try_clone()?).stderr(log).spawn()?.wait()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("{words:?}: {status}"))) }
    }

    /// Waits for a condition of a service; fails with the end of the service's log after the time limit.
    pub(super) fn wait_for(&self, name: &str, mut holds: impl FnMut() -> bool) -> Result<(), Unavailable> {
        let holds = poll_until(|| holds().then_some(()));
        holds.ok_or_else(|| {
            Unavailable::Failed(last_lines(&fs::read(self.service_log(name)).unwrap_or_default()))
        })
    }

    fn service_log(&self, name: &str) -> PathBuf {
        self.root().join("var/log").join(name)
    }

    fn wait_until_up(&mut self) -> Result<u32, Unavailable> {
        let file = self.root().join("run/machine.pid");
        let pid = poll_until(|| {
            let pid = fs::read_to_string(&file).ok().and_then(|text| text.strip_suffix('\n')?.parse().ok());
            let ended = self.supervisor.try_wait().is_ok_and(|status| status.is_some());
            (pid.is_some() || ended).then_some(pid)
        });
        pid.flatten().ok_or_else(|| Unavailable::Failed(self.log()))
    }

    /// Returns the end of the supervisor's log. The open file can be read even after its folder was removed.
    fn log(&self) -> String {
        let mut bytes = vec![0; 64 * 1024];
        let length = self.log.read_at(&mut bytes, 0).unwrap_or_default();
        last_lines(&bytes[..length])
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.pipe = None;
        limited::wait_for_removal(&mut self.supervisor);
        // It still exists only if the supervisor could not run or was killed. Mounts of the dock are not visible here, so
        // nothing outside the folder is removed.
        let _ = fs::remove_dir_all(&self.state);
    }
}

/// Starts the supervisor. setsid keeps a Ctrl-C for the tests from it: it ends when its standard input closes.
fn supervise(state: &Path, layers: &str, log: &File) -> io::Result<Child> {
    Command::new("setsid")
        .args(["unshare", "--mount", "--propagation", "slave", "--net", "--uts", "--ipc"])
        .args(["--pid", "--fork", "--kill-child", "bash"])
        .arg(state.join("supervisor.sh"))
        .arg(state)
        .arg(layers)
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .spawn()
}

/// Returns the layers of its /usr, the topmost first: marks of hidden programs, the version's programs, the host's.
fn layers(version: Version, state: &Path) -> String {
    let own = match version {
        Version::V20 => None,
        Version::V26 | Version::V26Containerd => Some(version.base()),
    };
    let bases = [state.to_owned()].into_iter().chain(own).chain(["/".into()]);
    let layers: Vec<String> = bases.map(|base| base.join("usr").display().to_string()).collect();
    layers.join(":")
}

fn last_lines(log: &[u8]) -> String {
    let log = String::from_utf8_lossy(log);
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
