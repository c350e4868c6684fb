//! A stand-in for EC2 whose instances are real machines: moto serves the API, and each instance is a [`Dock`].
//!
//! RunInstances starts a dock at the address that DescribeInstances then returns. Stopping, starting and terminating do to
//! the dock what EC2 does; its user-data is carried out, its host key is on the console, its security groups decide who
//! reaches port 22. Any call can be counted, delayed, held or made to fail. `ec2/stand` is the program that does this; it
//! asks this process for docks. Everything ends with the process; it needs root.
//!
//! What differs from EC2: an instance has no systemd (`systemctl` records what is enabled, and [`Ec2::tick`] runs the enabled
//! timers), packages are only noted, there is no metadata service, no GPU and no arm64, and disks have no size.

mod admin;
mod control;
mod machines;
pub mod matrix;
mod report;
mod user;

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, TryLockError};
use std::time::Duration;
use std::{fs, io, thread};

use dockerutils_testkit::{Service, path_starting_with, poll_until};

pub use self::report::{Call, Census};
pub use self::user::User;
use crate::dock::{Dock, install_programs};
use crate::limited;
use crate::unavailable::Unavailable;
use crate::version::{Version, testbed};
use control::Control;
use machines::Machines;

/// The account of moto.
pub const ACCOUNT: &str = "123456789012";

/// The stand-in.
#[derive(Debug)]
pub struct Ec2 {
    state: PathBuf,
    api: SocketAddr,
    network: [u8; 3],
    machines: Arc<Machines>,
    supervisor: Child,
    pipe: Option<ChildStdin>,
}

impl Ec2 {
    /// Starts it and waits until it accepts connections.
    ///
    /// # Errors
    /// Returns [`Unavailable`] if this machine cannot have it.
    pub fn start() -> Result<Self, Unavailable> {
        if !nix::unistd::geteuid().is_root() {
            return Err(Unavailable::NotRoot);
        }
        let python = testbed().join("moto/bin/python");
        if !python.is_file() {
            return Err(Unavailable::Missing(python));
        }
        let state = tempfile::Builder::new().prefix("dockerutils-ec2-").tempdir()?.keep();
        install_programs(&state.join("bin"), Version::V20)?;
        let machines = Arc::new(Machines::new(state.join("instances"))?);
        let control = Control::listen(Arc::clone(&machines))?;
        let mut supervisor = supervise(&state, &python, &control)?;
        let pipe = supervisor.stdin.take();
        let api = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut ec2 = Ec2 { state, api, network: control.network(), machines, supervisor, pipe };
        ec2.api = ec2.wait_for_port(&control)?;
        Ok(ec2)
    }

    /// Returns the value of AWS_ENDPOINT_URL that leads to it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.api)
    }

    /// Returns its state folder, which is removed when it ends. `log` in it has the errors of the stand-in.
    pub fn folder(&self) -> &Path {
        &self.state
    }

    /// Returns the file of Amazon's own `aws`.
    pub fn aws_cli(&self) -> PathBuf {
        testbed().join("moto/bin/aws")
    }

    /// Returns the address of this machine as its instances see it.
    pub fn client_address(&self) -> Ipv4Addr {
        let [first, second, third] = self.network;
        Ipv4Addr::new(first, second, third, 1)
    }

    /// Calls a function with the dock of a running instance.
    ///
    /// # Panics
    /// Panics if the instance has no machine at the moment.
    #[track_caller]
    pub fn on<T>(&self, instance: &str, work: impl FnOnce(&Dock) -> T) -> T {
        let dock = self.machines.get(instance);
        work(&dock.unwrap_or_else(|| panic!("{instance} has no machine:\n{}", self.log())))
    }

    /// Returns the instances that have a machine at the moment.
    pub fn machines(&self) -> Vec<String> {
        self.machines.names()
    }

    /// Returns its log, for messages of tests.
    pub fn log(&self) -> String {
        fs::read_to_string(self.state.join("log")).unwrap_or_default()
    }

    fn wait_for_port(&mut self, control: &Control) -> Result<SocketAddr, Unavailable> {
        let mut ended = false;
        let port = poll_until(|| {
            ended = self.supervisor.try_wait().is_ok_and(|status| status.is_some());
            control.port().map(Some).or(ended.then_some(None))
        });
        let port = port.flatten().ok_or_else(|| Unavailable::Failed(self.log()))?;
        Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }
}

impl Service for Ec2 {
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            // The docker client, and an ssh whose `~` is HOME.
            ("PATH", path_starting_with(&self.state.join("bin"))),
            // For EC2, STS and the prices alike.
            ("AWS_ENDPOINT_URL", self.endpoint().into()),
            ("AWS_ACCESS_KEY_ID", "testing".into()),
            ("AWS_SECRET_ACCESS_KEY", "testing".into()),
            ("AWS_REGION", "us-east-1".into()),
            // What the aws command reads.
            ("AWS_DEFAULT_REGION", "us-east-1".into()),
            ("AWS_PAGER", "".into()),
            // Otherwise the SDK waits for the metadata service of an EC2 instance.
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
            ("DOCKERUTILS_CHECK_IP", format!("{}/_stand/checkip", self.endpoint()).into()),
        ]
    }
}

impl Drop for Ec2 {
    fn drop(&mut self) {
        self.machines.close();
        self.pipe = None;
        // It fails if the supervisor never ran, and then nothing is left to remove.
        limited::wait_for_removal(&mut self.supervisor);
    }
}

/// How many stand-ins the tests of one process share. Most tests wait most of the time.
const STANDS: usize = 3;

/// Returns a stand-in, as it is at its start, for one test at a time.
///
/// # Panics
/// Panics if this machine cannot have it.
#[track_caller]
pub fn ec2() -> MutexGuard<'static, Ec2> {
    static POOL: [OnceLock<Mutex<Ec2>>; STANDS] = [const { OnceLock::new() }; STANDS];
    let start = || Mutex::new(Ec2::start().unwrap_or_else(|reason| panic!("no stand-in for EC2: {reason}")));
    loop {
        if let Some(ec2) = POOL.iter().filter_map(OnceLock::get).find_map(free) {
            ec2.reset();
            return ec2;
        }
        match POOL.iter().find(|stand| stand.get().is_none()) {
            Some(stand) => {
                stand.get_or_init(start);
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Locks a stand-in if no test has it. A test that failed leaves nothing that the reset does not remove.
fn free(stand: &Mutex<Ec2>) -> Option<MutexGuard<'_, Ec2>> {
    match stand.try_lock() {
        Ok(ec2) => Some(ec2),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Starts the supervisor. setsid keeps a Ctrl-C for the tests from it: it ends when its standard input closes.
fn supervise(state: &Path, python: &Path, control: &Control) -> io::Result<Child> {
    let log = fs::File::create(state.join("log"))?;
    Command::new("setsid")
        .arg("bash")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ec2/supervisor.sh"))
        .args([state, python, Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ec2/stand"))])
        .arg(control.name())
        .arg(control.network().map(|part| part.to_string()).join("."))
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}
