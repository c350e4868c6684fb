//! Real engines, private to one test process.
//!
//! Each has its own data, socket, bridge, containerd and namespaces, and a runtime `nvidia` that is runc, so that commands
//! with GPU flags run on a machine without a GPU. It ends with the process that started it, however that ends:
//! `engine/supervisor.sh` removes it. It needs root.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs};

use dockerutils_testkit::{Service, path_starting_with, poll_until};

use crate::image::Image;
use crate::version::{Version, find_dockerd, testbed};
use crate::{Unavailable, base_images, disk, ecr, limited};

/// A private engine.
#[derive(Debug)]
pub struct Engine {
    version: Version,
    state: PathBuf,
    supervisor: Child,
    pipe: Option<ChildStdin>,
}

impl Engine {
    /// Starts an engine and waits until it accepts connections.
    ///
    /// # Errors
    /// Returns [`Unavailable`] if this machine cannot have it.
    pub fn start(version: Version) -> Result<Self, Unavailable> {
        Self::start_with(version, None, &[])
    }

    /// Starts an engine that keeps its images with this storage driver, such as `fuse-overlayfs`.
    ///
    /// # Errors
    /// Returns [`Unavailable`] if this machine cannot have it.
    pub fn start_with_driver(version: Version, driver: &str) -> Result<Self, Unavailable> {
        Self::start_with_flags(version, &["--storage-driver", driver])
    }

    /// Starts an engine with its data on a disk of so many megabytes, which can be full and does not depend on the file
    /// system that the tests run on.
    ///
    /// # Errors
    /// Returns [`Unavailable`] if this machine cannot have it.
    pub fn start_on_disk(version: Version, megabytes: u64) -> Result<Self, Unavailable> {
        Self::start_with(version, Some(megabytes), &[])
    }

    /// Starts an engine with further flags, such as `--log-driver local`.
    ///
    /// # Errors
    /// Returns [`Unavailable`] if this machine cannot have it.
    pub fn start_with_flags(version: Version, flags: &[&str]) -> Result<Self, Unavailable> {
        Self::start_with(version, None, flags)
    }

    fn start_with(version: Version, disk: Option<u64>, flags: &[&str]) -> Result<Self, Unavailable> {
        let dockerd = find_dockerd(version)?;
        let state = tempfile::Builder::new().prefix("dockerutils-engine-").tempdir()?.keep();
        prepare(version, &state)?;
        disk.map_or(Ok(()), |megabytes| disk::make(&state, megabytes))?;
        let log = fs::File::create(state.join("log"))?;
        // setsid keeps a Ctrl-C for the tests from the supervisor: it ends when its standard input closes.
        let mut supervisor = Command::new("setsid")
            .args([
                "unshare",
                "--mount",
                "--propagation",
                "slave",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
            ])
            .arg("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine/supervisor.sh"))
            .args([&state, &dockerd])
            .args(flags)
            .env("PATH", programs(version))
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let pipe = supervisor.stdin.take();
        let mut engine = Engine { version, state, supervisor, pipe };
        engine.wait_until_ready().map(|()| engine)
    }

    /// Returns its version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns its socket.
    pub fn socket(&self) -> PathBuf {
        self.state.join("docker.sock")
    }

    /// Runs docker with it, and returns the standard output without the last newline.
    ///
    /// # Panics
    /// Panics if docker exits with a status other than 0.
    #[track_caller]
    pub fn docker(&self, args: &[&str]) -> String {
        let output = limited::output(self.command().args(args).stdin(Stdio::null())).expect("docker");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "docker {args:?}: {}\n{stderr}", output.status);
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Imports an image of this machine's static busybox.
    pub fn import_busybox(&self, reference: &str) {
        base_images::import_busybox(self.command(), reference).expect("an image of busybox");
    }

    /// Imports an image of a small Debian with python3 and venv.
    pub fn import_python(&self, reference: &str) {
        base_images::import_python(self.command(), &testbed().join("python.tar"), reference)
            .expect("an image of python");
    }

    /// Imports an image of a small Debian with JupyterLab, which runs it as images with Jupyter do: on port 8888 of all
    /// interfaces, as root.
    pub fn import_jupyter(&self, reference: &str) {
        base_images::import_jupyter(self.command(), &testbed().join("jupyter.tar"), reference)
            .expect("an image with JupyterLab");
    }

    /// Imports the same with Jupyter Notebook 6 and jupyter_server 1, which runs the former.
    pub fn import_classic(&self, reference: &str) {
        base_images::import_classic(self.command(), &testbed().join("classic.tar"), reference)
            .expect("an image with Jupyter Notebook 6");
    }

    /// Loads a generated image under these references.
    pub fn load(&self, image: &Image, references: &[&str]) {
        image.load(self.command(), references).expect("an image");
    }

    /// Returns docker with the environment that leads it to this engine.
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.state.join("bin/docker"));
        command.envs(self.environment());
        command
    }

    fn wait_until_ready(&mut self) -> Result<(), Unavailable> {
        let version = ["version", "--format", "{{.Server.Version}}"];
        let mut ended = false;
        let is_ready = poll_until(|| {
            ended = self.supervisor.try_wait().is_ok_and(|status| status.is_some());
            let output = limited::output(self.command().args(version).stdin(Stdio::null())).ok()?;
            (ended || output.status.success()).then_some(())
        });
        if ended || is_ready.is_none() { Err(Unavailable::Failed(self.log())) } else { Ok(()) }
    }

    fn log(&self) -> String {
        let log = fs::read_to_string(self.state.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Service for Engine {
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("PATH", path_starting_with(&self.state.join("bin"))),
            ("DOCKER_HOST", format!("unix://{}", self.socket().display()).into()),
            ("DOCKER_CONFIG", self.state.join("config").into()),
        ]
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.pipe = None;
        // It fails if the supervisor never ran, and then nothing is left to remove.
        limited::wait_for_removal(&mut self.supervisor);
    }
}

/// Returns one engine of each version, with the store that it comes with, shared by the tests of one process.
///
/// Each has an image `busybox:latest`.
///
/// # Panics
/// Panics if this machine cannot have one of them: a test that needs engines is `#[ignore = "needs root: …"]` and is
/// run only when they are expected to be there.
#[track_caller]
pub fn engines() -> &'static [Engine] {
    static ENGINES: OnceLock<Vec<Engine>> = OnceLock::new();
    ENGINES.get_or_init(|| [Version::V20, Version::V26].into_iter().map(start_with_busybox).collect())
}

/// Returns [`engines()`] and the one with containerd's store: for what depends on how an engine keeps its images.
///
/// # Panics
/// Panics if this machine cannot have one of them.
#[track_caller]
pub fn engines_of_each_store() -> Vec<&'static Engine> {
    static CONTAINERD: OnceLock<Engine> = OnceLock::new();
    let containerd = CONTAINERD.get_or_init(|| start_with_busybox(Version::V26Containerd));
    engines().iter().chain([containerd]).collect()
}

#[track_caller]
fn start_with_busybox(version: Version) -> Engine {
    let engine = Engine::start(version).unwrap_or_else(|reason| panic!("no Docker {version}: {reason}"));
    engine.import_busybox("busybox:latest");
    engine
}

/// Returns the PATH of the daemon: its own containerd and shims first. The runc of Debian 13 needs a newer libc than
/// Debian 12 has, so all versions use the system's.
fn programs(version: Version) -> OsString {
    let base = version.base();
    let own = [base.join("usr/sbin"), base.join("usr/bin")].into_iter();
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(own.chain(env::split_paths(&path))).expect("a PATH")
}

/// Creates the files of an engine in its state folder, which every user may enter to reach the socket.
fn prepare(version: Version, state: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(state, fs::Permissions::from_mode(0o755))?;
    fs::create_dir(state.join("bin"))?;
    fs::create_dir(state.join("config"))?;
    fs::write(state.join("daemon.json"), version.daemon_json())?;
    ecr::prepare_engine(state)?;
    version.install_client(&state.join("bin/docker"))?;
    symlink(version.plugins(), state.join("config/cli-plugins"))
}
