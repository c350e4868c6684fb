//! Commands that are only asked something: all at once, each with a time limit, none with our terminal.
//!
//! They answer with whatever they said and however they ended; what that means is for the one who asks.

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
const GLANCE: Duration = Duration::from_millis(100);

/// What a command answered.
#[derive(Debug, Clone)]
pub struct Answer {
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
    /// Echoes these commands below one rule, runs them side by side, and answers in their order.
    ///
    /// Each has nothing on standard input and is ended, with all it has started, at the limit. Under a dry run nobody
    /// answers.
    ///
    /// # Errors
    /// One could not be started, or we were told to stop; the others are ended then.
    pub fn ask(&self, commands: &[Command], limit: Duration) -> Result<Vec<Answer>, Error> {
        let Some(first) = commands.first().filter(|_| !self.is_dry_run()) else {
            echo(commands);
            return Ok(Vec::new());
        };
        let questions = commands.iter().map(question).collect::<Result<Vec<_>, _>>()?;
        let signals = self.signals().map_err(|source| first.start_error(source))?;
        self.check_interrupted()?;
        echo(commands);
        let begin = Instant::now();
        let next = AtomicUsize::new(0);
        let answers = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..questions.len().min(AT_ONCE) {
                scope.spawn(|| {
                    // The first of all threads share one limit, however long starting them takes.
                    let mut end = begin + limit;
                    while let Some(index) = take(&next, questions.len()) {
                        let answer = wait(&questions[index], end, signals);
                        end = Instant::now() + limit;
                        answers.lock().unwrap_or_else(PoisonError::into_inner).push((index, answer));
                    }
                });
            }
        });
        self.check_interrupted()?;
        let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        answers.sort_by_key(|(index, _)| *index);
        let of = |(index, answer): (usize, io::Result<Answer>)| {
            answer.map_err(|source| commands[index].start_error(source))
        };
        answers.into_iter().map(of).collect()
    }
}

fn take(next: &AtomicUsize, count: usize) -> Option<usize> {
    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < count)
}

fn question(command: &Command) -> Result<duct::Expression, Error> {
    let expression = command.to_duct()?.stdin_null().stdout_capture().stderr_capture().unchecked();
    Ok(expression.before_spawn(|child| {
        child.process_group(0);
        Ok(())
    }))
}

fn wait(question: &duct::Expression, end: Instant, signals: &Signals) -> io::Result<Answer> {
    let start = Instant::now();
    let handle = question.start()?;
    while Instant::now() < end && signals.received().is_none() {
        if let Some(output) = handle.wait_deadline(end.min(Instant::now() + GLANCE))? {
            let Output { status, stdout, stderr } = output.clone();
            return Ok(Answer { status: Some(status), stdout, stderr, took: start.elapsed() });
        }
    }
    for pid in handle.pids().into_iter().filter_map(|pid| i32::try_from(pid).ok()) {
        // It may have ended this moment, and then there is nothing to end.
        let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
    }
    let took = start.elapsed();
    let Output { stdout, stderr, .. } = handle.into_output()?;
    Ok(Answer { status: None, stdout, stderr, took })
}
