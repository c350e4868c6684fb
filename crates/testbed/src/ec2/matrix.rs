//! One disturbed run of a command: a fault or a signal at one of its calls.

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use dockerutils_testkit::{Invocation, Outcome, Signal, poll_until};

use super::{Census, Ec2};

/// What disturbs a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// A signal while the call is held before it takes effect.
    SignalBefore(Signal),
    /// A signal while the response is held, after the effect.
    SignalAfter(Signal),
    /// A kind of fault; see [`Ec2::fault`].
    Fault(&'static str),
}

impl Disturbance {
    /// Those that leave a command the chance to clean up.
    pub const ALL: [Disturbance; 10] = [
        Disturbance::SignalBefore(Signal::SIGINT),
        Disturbance::SignalAfter(Signal::SIGINT),
        Disturbance::SignalAfter(Signal::SIGTERM),
        Disturbance::SignalAfter(Signal::SIGHUP),
        Disturbance::Fault("cut-before"),
        Disturbance::Fault("cut-after"),
        Disturbance::Fault("InternalError"),
        Disturbance::Fault("RequestLimitExceeded"),
        Disturbance::Fault("UnauthorizedOperation"),
        Disturbance::Fault("garbage"),
    ];

    /// Those that kill the command.
    pub const KILLS: [Disturbance; 2] =
        [Disturbance::SignalBefore(Signal::SIGKILL), Disturbance::SignalAfter(Signal::SIGKILL)];

    /// Returns the signal, if it is one.
    pub fn signal(self) -> Option<Signal> {
        match self {
            Disturbance::SignalBefore(signal) | Disturbance::SignalAfter(signal) => Some(signal),
            Disturbance::Fault(_) => None,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Disturbance::SignalBefore(_) => "hold-before",
            Disturbance::SignalAfter(_) => "hold-after",
            Disturbance::Fault(kind) => kind,
        }
    }
}

/// The name in tables: `SIGINT before`, `cut-after`.
impl Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Disturbance::SignalBefore(signal) => write!(f, "{signal} before"),
            Disturbance::SignalAfter(signal) => write!(f, "{signal} after"),
            Disturbance::Fault(kind) => f.write_str(kind),
        }
    }
}

/// A disturbed run.
#[derive(Debug)]
pub struct Cell {
    /// The call: `RunInstances#1`, or `*#7` for the seventh of any kind.
    pub call: String,
    /// What disturbed it.
    pub disturbance: Disturbance,
    /// How the command ended.
    pub outcome: Outcome,
    /// What was left when no instance was between two states any more.
    pub census: Census,
    /// How long the command ran.
    pub took: Duration,
}

impl Cell {
    /// Runs a command with a disturbance at one of its calls, and counts what is left.
    pub fn run(ec2: &Ec2, command: Invocation, call: &str, disturbance: Disturbance) -> Self {
        ec2.fault(&format!("{call}={}", disturbance.kind()));
        let start = Instant::now();
        let mut running = command.spawn();
        if let Some(signal) = disturbance.signal() {
            // A command that ends before has not made the call.
            poll_until(|| (ec2.is_holding() || running.has_ended()).then_some(()));
            if !running.has_ended() {
                running.signal(signal);
            }
            ec2.release();
        }
        let outcome = running.wait();
        let took = start.elapsed();
        ec2.clear_faults();
        Cell { call: call.to_owned(), disturbance, outcome, census: ec2.census(), took }
    }

    /// Returns whether an attempt to create a dock has failed when its machine responded already, and has kept it.
    pub fn is_kept(&self) -> bool {
        let has_one = self.census.instances.len() == 1;
        self.outcome.status == 1 && has_one && self.outcome.stderr.contains("; it is kept: `create-dock ")
    }

    /// Returns what is wrong with an attempt to create a dock: it must have made one machine, or have left nothing. A machine
    /// that responded before a fault is kept.
    pub fn creation_fault(&self) -> Option<String> {
        let status = self.outcome.status;
        let expected = self.disturbance.signal().map(|signal| 128 + signal as i32);
        let wrong = match status {
            _ if self.took > Duration::from_secs(60) => "more than 60 s",
            0 if self.census.instances.len() != 1 => "not one instance",
            0 if expected.is_some() => "it ignored the signal",
            0 => return None,
            _ if expected.is_some_and(|expected| status != expected) => "another exit status",
            _ if self.is_kept() => return None,
            _ if !self.census.is_empty() => "something is left",
            _ => return None,
        };
        Some(self.describe(wrong))
    }

    /// Returns a line for a table of what went wrong.
    pub fn describe(&self, wrong: &str) -> String {
        let (status, left) = (self.outcome.status, &self.census);
        format!(
            "{} at {}: {wrong}: exit status {status}, {left:?}\n{}",
            self.disturbance, self.call, self.outcome.stderr
        )
    }
}
