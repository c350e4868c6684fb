//! A command that runs while the test goes on.
//!
//! It is killed, by its process id, if it is dropped before it has exited.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::invocation::Invocation;
use crate::outcome::Outcome;
use crate::recorder::Call;

/// How long a command may run, and how long a test waits for a condition.
pub const TIMEOUT: Duration = Duration::from_secs(120);

/// A command that was started.
#[derive(Debug)]
pub struct Running {
    invocation: Invocation,
    child: OwnedChild,
    stdout: File,
    stderr: File,
}

impl Invocation {
    /// Runs it and waits for it to exit.
    #[track_caller]
    pub fn run(self) -> Outcome {
        self.spawn().wait()
    }

    /// Starts it.
    #[track_caller]
    pub fn spawn(self) -> Running {
        // Files, because a child that outlives the command (an ssh master) would keep a pipe open, and reading from it
        // would never end.
        let stdout = tempfile::tempfile().expect("a file for standard output");
        let stderr = tempfile::tempfile().expect("a file for standard error");
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .env_clear()
            .envs(&self.env)
            .current_dir(&self.dir)
            .stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(stdout.try_clone().expect("standard output"))
            .stderr(stderr.try_clone().expect("standard error"))
            .spawn()
            .unwrap_or_else(|error| panic!("{} could not be started: {error}", self.program.display()));
        if let (Some(text), Some(mut pipe)) = (self.stdin.clone(), child.stdin.take()) {
            // Writing fails if the command exits without reading its standard input, which it may.
            std::thread::spawn(move || pipe.write_all(&text));
        }
        Running { invocation: self, child: OwnedChild(child), stdout, stderr }
    }
}

impl Running {
    /// Returns its process id.
    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Sends a signal to it alone, not to its children.
    pub fn signal(&self, signal: Signal) {
        self.child.signal(signal);
    }

    /// Waits until the recording docker has been called this often, and returns the calls.
    #[track_caller]
    pub fn wait_for_calls(&self, count: usize) -> Vec<Call> {
        let recorder = self.invocation.recorder();
        poll_until(|| Some(recorder.calls()).filter(|calls| calls.len() >= count))
            .unwrap_or_else(|| panic!("docker was not called {count} times"))
    }

    /// Waits until it has written a text to standard error.
    #[track_caller]
    pub fn wait_for_stderr(&self, text: &str) {
        // read_at leaves the position of the file alone: the command shares it, and appends there.
        let mut bytes = vec![0; 64 * 1024];
        let mut read = || {
            self.stderr
                .read_at(&mut bytes, 0)
                .map(|length| String::from_utf8_lossy(&bytes[..length]).into_owned())
        };
        let found = poll_until(|| read().is_ok_and(|written| written.contains(text)).then_some(()));
        assert!(found.is_some(), "standard error does not contain {text:?}:\n{}", read().unwrap_or_default());
    }

    /// Returns whether it has exited.
    pub fn has_ended(&mut self) -> bool {
        self.child.0.try_wait().expect("the command's state").is_some()
    }

    /// Waits for it to exit; kills it and fails after the time limit.
    #[track_caller]
    pub fn wait(mut self) -> Outcome {
        let status = self.child.wait();
        let (stdout, stderr) = (contents(&mut self.stdout), contents(&mut self.stderr));
        let outcome = self.invocation.outcome(status.unwrap_or(-1), &stdout, &stderr);
        outcome.check(status.is_some(), || format!("still running after {} s", TIMEOUT.as_secs()));
        outcome
    }
}

/// A child process that is killed when its owner is dropped.
#[derive(Debug)]
pub(crate) struct OwnedChild(pub(crate) Child);

impl OwnedChild {
    /// Sends it a signal. Until it has been waited for, no other process can get its process id.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.0.id().try_into().map(Pid::from_raw).expect("a process id");
        kill(pid, signal).expect("a signal");
    }

    /// Returns the exit status as a shell reports it; `None` if it is still running after the time limit.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        poll_until(|| self.0.try_wait().expect("the command's state")).map(exit_code)
    }
}

impl Drop for OwnedChild {
    fn drop(&mut self) {
        // Both fail if it has been waited for already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Calls `poll` every few milliseconds until it returns a value; `None` after the time limit.
pub fn poll_until<T>(mut poll: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < TIMEOUT {
        if let Some(value) = poll() {
            return Some(value);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    None
}

fn exit_code(status: ExitStatus) -> i32 {
    status.code().or(status.signal().map(|signal| 128 + signal)).expect("a process that ended")
}

fn contents(file: &mut File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("the command's output");
    bytes
}
