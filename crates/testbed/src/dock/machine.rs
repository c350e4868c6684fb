//! The machine that a dock is: namespaces, and a root file system of its own.
//!
//! It ends with the process that started it, however that ends: `supervisor.sh` removes it. No process in it can see
//! one outside, or a file.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use dockerutils_testkit::poll_until;

use super::builder::Builder;
use super::root;
use crate::disk;
use crate::unavailable::Unavailable;
use crate::version::Version;

/// They are part of this program: the folder that they were written in may be gone when it runs.
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
    /// Boots one, without its services.
    pub(super) fn boot(dock: &Builder) -> Result<Self, Unavailable> {
        let state = tempfile::Builder::new().prefix("dockerutils-dock-").tempdir()?;
        let key = state.path().join("key");
        root::make_key(&key)?;
        root::make(&state.path().join("root"), dock, &key)?;
        root::hide(&dock.hidden, &state.path().join("usr"))?;
        dock.disk.map_or(Ok(()), |megabytes| disk::make(state.path(), megabytes))?;
        for (script, text) in SCRIPTS {
            fs::write(state.path().join(script), text)?;
        }
        let log = File::create_new(state.path().join("log"))?;
        let layers = layers(dock.version, state.path());
        let mut supervisor = supervise(state.path(), &layers, &log)?;
        let pipe = supervisor.stdin.take();
        // From here on the supervisor removes it.
        let mut machine = Machine { state: state.keep(), supervisor, pipe, log, pid: 0 };
        machine.pid = machine.wait_until_it_is_up()?;
        Ok(machine)
    }

    /// The folder that holds all of it; its name is the machine's own on this host.
    pub(super) fn state(&self) -> &Path {
        &self.state
    }

    /// The root of its file system, as it is seen from outside: what is mounted in it is not seen.
    pub(super) fn root(&self) -> PathBuf {
        self.state.join("root")
    }

    /// A process of it that stays.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// A program that runs in it, as root, in its root folder.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.pid.to_string()])
            .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd", "--"])
            .arg(program)
            .env_clear()
            .envs([("PATH", PATH), ("HOME", "/root"), ("LANG", "C.UTF-8")])
            .stdin(Stdio::null());
        command
    }

    /// Starts a program in it that stays when its starter ends; what it prints is in /var/log.
    pub(super) fn start(&self, name: &str, words: &[&str]) -> io::Result<()> {
        let log = File::options().append(true).create(true).open(self.service_log(name))?;
        let mut command = self.command("setsid");
        let status =
            command.arg("--fork").args(words).stdout(log.try_clone()?).stderr(log).spawn()?.wait()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("{words:?}: {status}"))) }
    }

    /// Waits for an answer; none within two minutes is a failure, with the end of the program's log.
    pub(super) fn wait_for(&self, name: &str, mut is_so: impl FnMut() -> bool) -> Result<(), Unavailable> {
        let answer = poll_until(|| is_so().then_some(()));
        answer.ok_or_else(|| {
            Unavailable::Failed(last_lines(&fs::read(self.service_log(name)).unwrap_or_default()))
        })
    }

    fn service_log(&self, name: &str) -> PathBuf {
        self.root().join("var/log").join(name)
    }

    fn wait_until_it_is_up(&mut self) -> Result<u32, Unavailable> {
        let file = self.root().join("run/machine.pid");
        let pid = poll_until(|| {
            let pid = fs::read_to_string(&file).ok().and_then(|text| text.strip_suffix('\n')?.parse().ok());
            let ended = self.supervisor.try_wait().is_ok_and(|status| status.is_some());
            (pid.is_some() || ended).then_some(pid)
        });
        pid.flatten().ok_or_else(|| Unavailable::Failed(self.log()))
    }

    /// What the supervisor wrote. The file can be read even when its folder is gone.
    fn log(&self) -> String {
        let mut bytes = vec![0; 64 * 1024];
        let length = self.log.read_at(&mut bytes, 0).unwrap_or_default();
        last_lines(&bytes[..length])
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.supervisor.wait();
        // It is there still only if the supervisor could not run, or was killed. No mount of the dock is seen from here.
        let _ = fs::remove_dir_all(&self.state);
    }
}

/// setsid: a Ctrl-C at the tests reaches the tests, and their end reaches the supervisor.
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

/// What its /usr is made of, the topmost first: what is hidden from it, what its version needs besides, the host's.
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
