//! Commands that are only asked something: all at once, each with a time limit, none with our terminal.
//!
//! They output with whatever they said and however they ended; what that means is for the one who asks.

use std::io;
#[expect(
    clippy::disallowed_types,
    reason = "a process group of its own, so that all of it can be ended"
)]
use std::os::unix::process::CommandExt;
use std::process::{ExitStatus, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::runner::echo;
use crate::signals::Signals;
use crate::{Command, Error, Runner};

/// The most that run at once.
const AT_ONCE: usize = 64;

/// How often a running command looks up whether we were told to stop.
const POLL: Duration = Duration::from_millis(100);

/// What a command answered.
#[derive(Debug, Clone)]
pub struct TimedOutput {
    /// How it ended; none where it was ended at the limit.
    pub status: Option<ExitStatus>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// From its start to its end.
    pub took: Duration,
}

impl Runner {
    /// Echoes these commands below one rule, runs them side by side, and outputs in their order.
    ///
    /// Each has nothing on standard input and is ended, with all it has started, at the limit. Under a dry run nobody
    /// outputs.
    ///
    /// # Errors
    /// One could not be started, or we were told to stop; the others are ended then.
    pub fn run_parallel(&self, commands: &[Command], limit: Duration) -> Result<Vec<TimedOutput>, Error> {
        let Some(first) = commands.first().filter(|_| !self.is_dry_run()) else {
            echo(commands);
            return Ok(Vec::new());
        };
        let expressions = commands.iter().map(expression).collect::<Result<Vec<_>, _>>()?;
        let signals = self.signals().map_err(|source| first.start_error(source))?;
        self.check_interrupted()?;
        echo(commands);
        let begin = Instant::now();
        let next = AtomicUsize::new(0);
        let outputs = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..expressions.len().min(AT_ONCE) {
                scope.spawn(|| {
                    // The first of all threads share one limit, however long starting them takes.
                    let mut end = begin + limit;
                    while let Some(index) = take(&next, expressions.len()) {
                        let output = wait(&expressions[index], end, signals);
                        end = Instant::now() + limit;
                        outputs.lock().unwrap_or_else(PoisonError::into_inner).push((index, output));
                    }
                });
            }
        });
        self.check_interrupted()?;
        let mut outputs = outputs.into_inner().unwrap_or_else(PoisonError::into_inner);
        outputs.sort_by_key(|(index, _)| *index);
        let of = |(index, output): (usize, io::Result<TimedOutput>)| {
            output.map_err(|source| commands[index].start_error(source))
        };
        outputs.into_iter().map(of).collect()
    }
}

fn take(next: &AtomicUsize, count: usize) -> Option<usize> {
    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < count)
}

fn expression(command: &Command) -> Result<duct::Expression, Error> {
    let expression = command.to_duct()?.stdin_null().stdout_capture().stderr_capture().unchecked();
    Ok(expression.before_spawn(|child| {
        child.process_group(0);
        Ok(())
    }))
}

fn wait(expression: &duct::Expression, end: Instant, signals: &Signals) -> io::Result<TimedOutput> {
    let start = Instant::now();
    let handle = expression.start()?;
    while Instant::now() < end && signals.received().is_none() {
        if let Some(output) = handle.wait_deadline(end.min(Instant::now() + POLL))? {
            let Output { status, stdout, stderr } = output.clone();
            return Ok(TimedOutput { status: Some(status), stdout, stderr, took: start.elapsed() });
        }
    }
    for pid in handle.pids().into_iter().filter_map(|pid| i32::try_from(pid).ok()) {
        // It may have ended this moment, and then there is nothing to end.
        let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
    }
    let took = start.elapsed();
    let Output { stdout, stderr, .. } = handle.into_output()?;
    Ok(TimedOutput { status: None, stdout, stderr, took })
}
