//! A command that runs while the test goes on: signals, and waiting.
//!
//! It is killed, by its process id, when it is dropped without having been waited for.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::{Call, Invocation, Outcome};

/// How long a command may take.
pub const TIMEOUT: Duration = Duration::from_secs(120);

/// A command that was started.
#[derive(Debug)]
pub struct Running {
    invocation: Invocation,
    child: OwnedChild,
    stdout: File,
    stderr: File,
}

impl Running {
    pub(crate) fn new(invocation: Invocation, child: Child, stdout: File, stderr: File) -> Self {
        Running { invocation, child: OwnedChild(child), stdout, stderr }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Sends a signal to it alone.
    pub fn signal(&self, signal: Signal) {
        self.child.signal(signal);
    }

    /// Waits until the recording docker has been called this often.
    #[track_caller]
    pub fn wait_for_calls(&self, count: usize) -> Vec<Call> {
        let recorder = self.invocation.recorder();
        poll_until(|| Some(recorder.calls()).filter(|calls| calls.len() >= count))
            .unwrap_or_else(|| panic!("docker was not called {count} times"))
    }

    /// Waits until it has written this text to standard error.
    #[track_caller]
    pub fn wait_for_stderr(&self, text: &str) {
        // Read at a position of its own: the command's own position is shared with this file's.
        let mut bytes = vec![0; 64 * 1024];
        let mut read = || {
            self.stderr
                .read_at(&mut bytes, 0)
                .map(|length| String::from_utf8_lossy(&bytes[..length]).into_owned())
        };
        let found = poll_until(|| read().is_ok_and(|written| written.contains(text)).then_some(()));
        assert!(found.is_some(), "standard error does not hold {text:?}:\n{}", read().unwrap_or_default());
    }

    /// Waits until it has ended; kills it, and fails, when that takes longer than two minutes.
    #[track_caller]
    pub fn wait(mut self) -> Outcome {
        let status = self.child.wait();
        let (stdout, stderr) = (contents(&mut self.stdout), contents(&mut self.stderr));
        let outcome = self.invocation.outcome(status.unwrap_or(-1), &stdout, &stderr);
        outcome.check(status.is_some(), || format!("still running after {} s", TIMEOUT.as_secs()));
        outcome
    }
}

/// A child that does not outlive its owner.
#[derive(Debug)]
pub(crate) struct OwnedChild(pub(crate) Child);

impl OwnedChild {
    /// Sends it a signal. Its process id is its own until it has been waited for.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.0.id().try_into().map(Pid::from_raw).expect("a process id");
        kill(pid, signal).expect("a signal");
    }

    /// The exit status as a shell reports it; none when it is still running at the limit.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        poll_until(|| self.0.try_wait().expect("the command's state")).map(exit_code)
    }
}

impl Drop for OwnedChild {
    fn drop(&mut self) {
        // Both fail when it has been waited for, and then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks every few milliseconds until there is an answer; none at the limit.
pub fn poll_until<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < TIMEOUT {
        if let Some(answer) = ask() {
            return Some(answer);
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
