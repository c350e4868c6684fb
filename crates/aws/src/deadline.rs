//! The limit on the time that AWS may take, and on the time until a signal ends the wait.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

use crate::Error;

/// The maximum time for all calls together.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(29);

/// The interval of the checks whether to stop: short enough that Ctrl-C feels immediate.
const POLL: Duration = Duration::from_millis(50);

/// The caller's side of the calls to AWS.
pub struct Callbacks<'a> {
    /// Returns whether to stop. It is called 20 times a second.
    pub should_stop: &'a dyn Fn() -> bool,
    /// Receives a sentence each time a call is tried again.
    pub on_retry: &'a dyn Fn(&str),
    /// Returns whether the calls are waiting for something other than AWS: the time limit starts after that.
    pub is_paused: &'a dyn Fn() -> bool,
}

/// Runs `work` until it ends, until the caller wants to stop, or until the time is up.
///
/// # Errors
/// Returns the error of `work`, [`Error::Stopped`] or [`Error::TimedOut`].
pub async fn with_deadline<T, E: From<Error>>(
    callbacks: &Callbacks<'_>,
    retries: &Receiver<String>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut start = Instant::now();
    let mut work = pin!(work);
    let mut poll = tokio::time::interval(POLL);
    // After a long poll of `work` one tick is enough; the default would catch up on all that were missed.
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // `biased` prefers the result over a tick: work that has just ended must not be reported as stopped.
        let done = tokio::select! {
            biased;
            done = &mut work => Some(done),
            _ = poll.tick() => None,
        };
        // Reported here, on the caller's thread and before the result, not from within the SDK.
        retries.try_iter().for_each(|sentence| (callbacks.on_retry)(&sentence));
        match done {
            Some(done) => return done,
            None if (callbacks.should_stop)() => return Err(Error::Stopped.into()),
            None if (callbacks.is_paused)() => start = Instant::now(),
            None if start.elapsed() > TOTAL_TIMEOUT => {
                return Err(Error::TimedOut { seconds: TOTAL_TIMEOUT.as_secs() }.into());
            }
            None => {}
        }
    }
}
