//! Opening a lost connection again by itself: after sleep, or when the network or the dock is back.
//!
//! Plain docker then works again, without a command of ours. No passphrase can be typed, so ssh uses an agent or a key
//! without one.

use std::time::{Duration, Instant};

use dockerutils_command::Runner;
use dockerutils_ssh::SshFault;

use super::folder::DOCK;
use super::master::Opening;
use super::open::{connect, diagnose};
use super::{Error, Result, Session};
use crate::{Dock, DockFault, Docks};

/// The time from a loss, or from a failed attempt, to the next attempt: it doubles up to the maximum.
const DELAY: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(30);

/// The attempts to open one session's connection.
#[derive(Debug)]
pub(super) struct Reopening {
    delay: Duration,
    /// When the next attempt is due; `None` if there will be none until the connection was open again.
    next: Option<Instant>,
}

/// Whether another attempt can succeed without the user.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Open,
    Retry,
    Hopeless,
}

impl Reopening {
    pub(super) fn new() -> Self {
        Reopening { delay: DELAY, next: Some(Instant::now()) }
    }

    /// Makes an attempt if the connection is lost and an attempt is due.
    pub(super) fn step(&mut self, session: &Session) {
        if session.is_connected() {
            *self = Reopening::new();
        } else if self.next.is_some_and(|next| next <= Instant::now()) {
            // An error that is not the dock's, such as a record that cannot be read, may be corrected at any time.
            match attempt(session).unwrap_or(Outcome::Retry) {
                Outcome::Open => *self = Reopening::new(),
                Outcome::Retry => {
                    self.next = Some(Instant::now() + self.delay);
                    self.delay = (2 * self.delay).min(MAX_DELAY);
                }
                Outcome::Hopeless => self.next = None,
            }
        }
    }
}

fn attempt(session: &Session) -> Result<Outcome> {
    let Some((docks, dock)) = dock_of(session)? else { return Ok(Outcome::Retry) };
    let runner = Runner::default();
    {
        let Some(locked) = session.lock()? else { return Ok(Outcome::Hopeless) };
        if connect(&locked, &docks, &dock, Opening::Unattended, &runner).is_ok() {
            return Ok(Outcome::Open);
        }
    }
    // Without the lock: others need not wait for the diagnosis.
    Ok(match diagnose(&docks, &dock, &runner) {
        Error::Unusable { fault, .. } if !may_pass(&fault) => Outcome::Hopeless,
        _ => Outcome::Retry,
    })
}

/// Returns whether a fault may pass by itself. A key that was refused is not tried again and again: some servers then
/// block the address.
fn may_pass(fault: &DockFault) -> bool {
    !matches!(fault, DockFault::Ssh(SshFault::KeyRefused | SshFault::HostKeyChanged | SshFault::JumpHostKey))
}

/// Returns the dock that the session is for; `None` if it is not registered any more.
pub(super) fn dock_of(session: &Session) -> Result<Option<(Docks, Dock)>> {
    let Some(identity) = session.dir().read(DOCK)? else { return Ok(None) };
    let found = Docks::of_current_user().and_then(|docks| Ok((docks.find(&identity)?, docks)));
    Ok(found.ok().map(|(dock, docks)| (docks, dock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_may_come_back_and_a_refused_key_is_not_tried_again() {
        for (fault, expected) in [
            (DockFault::NO_RESPONSE, true),
            (DockFault::Ssh(SshFault::Refused), true),
            (DockFault::Ssh(SshFault::UnknownHost), true),
            (DockFault::EngineDown, true),
            (DockFault::Ssh(SshFault::KeyRefused), false),
            (DockFault::Ssh(SshFault::HostKeyChanged), false),
        ] {
            assert_eq!(may_pass(&fault), expected, "{fault:?}");
        }
    }
}
