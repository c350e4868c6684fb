//! How long AWS is waited for: an end to every conversation, and to every wait when the user has had enough.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use aws_sdk_ecr::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_ecr::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ecr::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use tokio::time::MissedTickBehavior;

use crate::{Error, Gate};

/// How often a call is tried.
pub(crate) const ATTEMPTS: u32 = 3;

/// The longest that one attempt may take: three of them, and the pauses between, stay below the whole.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(8);

/// The longest that a conversation may take.
const WHOLE: Duration = Duration::from_secs(29);

/// How often it is looked up whether we were told to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// What the caller hears, and says, while AWS is waited for.
pub struct Watch<'a> {
    /// Behind it, what is done to repositories; until it is open nothing is taken to last too long.
    pub gate: &'a Gate,
    /// Whether to stop; asked many times a second.
    pub stop: &'a dyn Fn() -> bool,
    /// Told when a call is tried again.
    pub tell: &'a dyn Fn(&str),
}

/// Works until it is done, until the caller says stop, or until it has taken too long.
pub(crate) async fn patiently<T>(
    watch: &Watch<'_>,
    retries: &Receiver<String>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut start = Instant::now();
    let mut work = pin!(work);
    let mut glance = tokio::time::interval(GLANCE);
    glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let done = tokio::select! {
            biased;
            done = &mut work => Some(done),
            _ = glance.tick() => None,
        };
        retries.try_iter().for_each(|sentence| (watch.tell)(&sentence));
        match done {
            Some(done) => return done,
            None if (watch.stop)() => return Err(Error::Stopped),
            None if !watch.gate.is_open() => start = Instant::now(),
            None if start.elapsed() > WHOLE => return Err(Error::TimedOut { seconds: WHOLE.as_secs() }),
            None => {}
        }
    }
}

/// Hears of attempts that are not the first: of each number once, for the calls are made at the same time.
#[derive(Clone)]
pub(crate) struct Retries {
    sender: Sender<String>,
    told: Arc<AtomicU32>,
}

impl Retries {
    /// The interceptor, and where its sentences come out.
    pub(crate) fn new() -> (Self, Receiver<String>) {
        let (sender, receiver) = channel();
        (Retries { sender, told: Arc::new(AtomicU32::new(1)) }, receiver)
    }
}

impl fmt::Debug for Retries {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Retries")
    }
}

impl Intercept for Retries {
    fn name(&self) -> &'static str {
        "Retries"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = config.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts);
        if attempt > self.told.fetch_max(attempt, Ordering::Relaxed) {
            let call = config.load::<Metadata>().map_or("the call", Metadata::name);
            // Whoever should hear of it may be gone.
            let _ = self.sender.send(format!("ecr:{call} failed, attempt {attempt} of {ATTEMPTS}"));
        }
        Ok(())
    }
}
