//! Short commands that run at the same time, each with a timeout and without the user's terminal.
//!
//! The output of each is returned whatever its exit status: what a status means is up to the caller.

use std::io;
#[expect(
    clippy::disallowed_types,
    reason = "a process group of its own, so that all of it can be ended"
)]
use std::os::unix::process::CommandExt;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::bounded::{BoundedPipe, BoundedReader, Limit};
use crate::signals::Signals;
use crate::{Command, Error, Runner};

/// The maximum number of commands that run at the same time.
const MAX_PARALLEL: usize = 64;

/// How often a waiting thread checks for a signal.
const POLL: Duration = Duration::from_millis(100);

/// The output of a command that ran with a timeout.
#[derive(Debug, Clone)]
pub struct TimedOutput {
    /// The exit status; `None` if the command was killed at the timeout.
    pub status: Option<ExitStatus>,
    /// The standard output.
    pub stdout: Vec<u8>,
    /// The standard error.
    pub stderr: Vec<u8>,
    /// The time from start to end.
    pub took: Duration,
}

impl Runner {
    /// Echoes commands, of like ones only the first, runs them in parallel, and returns their outputs in the same order.
    ///
    /// Each command reads nothing on standard input. At the timeout it is killed with every process that it started, and
    /// so it is if it prints more than 1 MiB; the reason then takes the place of its standard error.
    /// Returns an empty list under a dry run.
    ///
    /// # Errors
    /// Fails if a command cannot be started, or if a signal arrives; the commands that still run are killed.
    pub fn run_parallel(&self, commands: &[Command], timeout: Duration) -> Result<Vec<TimedOutput>, Error> {
        let Some(first) = commands.first().filter(|_| !self.is_dry_run()) else {
            self.echo_level().echo_alike(commands);
            return Ok(Vec::new());
        };
        let expressions = commands.iter().map(expression).collect::<Result<Vec<_>, _>>()?;
        let signals = self.signals().map_err(|source| first.start_error(source))?;
        self.check_interrupted()?;
        self.echo_level().echo_alike(commands);
        let outputs = run_all(&expressions, timeout, signals);
        self.check_interrupted()?;
        let named = |(index, output): (usize, io::Result<TimedOutput>)| {
            output.map_err(|source| commands[index].start_error(source))
        };
        outputs.into_iter().map(named).collect()
    }
}

/// Runs every expression and returns the outputs with their indices, in the order of the indices.
fn run_all(
    expressions: &[duct::Expression],
    timeout: Duration,
    signals: &Signals,
) -> Vec<(usize, io::Result<TimedOutput>)> {
    let begin = Instant::now();
    let next = AtomicUsize::new(0);
    let outputs = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..expressions.len().min(MAX_PARALLEL) {
            scope.spawn(|| {
                // The first command of every thread has the same deadline: starting 64 threads on a busy machine takes
                // time, and the caller's timeout must not grow by it.
                let mut deadline = begin + timeout;
                while let Some(index) = take_index(&next, expressions.len()) {
                    let output = wait(&expressions[index], deadline, signals);
                    deadline = Instant::now() + timeout;
                    outputs.lock().unwrap_or_else(PoisonError::into_inner).push((index, output));
                }
            });
        }
    });
    let mut outputs = outputs.into_inner().unwrap_or_else(PoisonError::into_inner);
    outputs.sort_by_key(|(index, _)| *index);
    outputs
}

/// Returns the next index that no thread has taken yet.
fn take_index(next: &AtomicUsize, count: usize) -> Option<usize> {
    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < count)
}

/// Converts a command to one that leads a process group.
fn expression(command: &Command) -> Result<duct::Expression, Error> {
    let expression = command.to_duct()?.stdin_null().unchecked();
    // duct kills only its own child. A grandchild, such as the ProxyCommand of ssh, would keep the captured pipes open,
    // and this thread would wait for it.
    Ok(expression.before_spawn(|child| {
        child.process_group(0);
        Ok(())
    }))
}

/// Runs one expression until it ends, the deadline passes or a signal arrives.
fn wait(expression: &duct::Expression, deadline: Instant, signals: &Signals) -> io::Result<TimedOutput> {
    let start = Instant::now();
    let mut running = Running::start(expression)?;
    // Outside of the foreground group Ctrl-C does not reach the child, so the signal is checked for here.
    while Instant::now() < deadline && signals.received().is_none() {
        if let Some(status) = running.status_by(deadline.min(Instant::now() + POLL))? {
            return Ok(running.output(Some(status), start.elapsed()));
        }
    }
    kill_group(&running.handle);
    running.handle.wait()?;
    Ok(running.output(None, start.elapsed()))
}

/// A command that runs, and what reads its output.
struct Running {
    handle: Arc<duct::Handle>,
    stdout: BoundedReader,
    stderr: BoundedReader,
}

impl Running {
    fn start(expression: &duct::Expression) -> io::Result<Self> {
        let (stdout, stdout_writer) = BoundedPipe::new(Limit::Answer)?;
        let (stderr, stderr_writer) = BoundedPipe::new(Limit::Answer)?;
        // The temporary expression owns our writing ends, and closes them here.
        let handle = Arc::new(expression.stdout_file(stdout_writer).stderr_file(stderr_writer).start()?);
        let killer = || {
            let handle = Arc::clone(&handle);
            move || kill_group(&handle)
        };
        let (stdout, stderr) = (stdout.read(killer())?, stderr.read(killer())?);
        Ok(Running { handle, stdout, stderr })
    }

    /// Returns the exit status; `None` if the deadline passes before the command and its output have ended.
    fn status_by(&mut self, deadline: Instant) -> io::Result<Option<ExitStatus>> {
        let Some(output) = self.handle.wait_deadline(deadline)? else { return Ok(None) };
        let has_ended = self.stdout.ends_by(deadline) && self.stderr.ends_by(deadline);
        Ok(has_ended.then_some(output.status))
    }

    /// Waits for the end of both streams.
    fn output(&mut self, status: Option<ExitStatus>, took: Duration) -> TimedOutput {
        match (self.stdout.finish(), self.stderr.finish()) {
            (Ok(stdout), Ok(stderr)) => TimedOutput { status, stdout, stderr, took },
            // Callers report the last line of standard error as the reason of a failure.
            (Err(overflow), _) | (_, Err(overflow)) => {
                let stderr = format!("it {overflow}").into_bytes();
                TimedOutput { status, stdout: Vec::new(), stderr, took }
            }
        }
    }
}

/// Kills a command and the processes that it has started.
fn kill_group(handle: &duct::Handle) {
    for pid in handle.pids().into_iter().filter_map(|pid| i32::try_from(pid).ok()) {
        // Fails if the group has just ended, and then there is nothing left to kill.
        let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
    }
}
