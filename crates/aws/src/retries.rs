//! The number of attempts at a call, and how the caller is notified of retries.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// The number of times that a call is tried.
pub(crate) const ATTEMPTS: u32 = 3;

/// The maximum time of one attempt: three of them and the pauses between stay below the total timeout.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(8);

/// An interceptor that reports attempts after the first.
#[derive(Clone)]
pub struct Retries {
    sender: Sender<String>,
    /// The highest attempt that was reported, over all calls.
    reported: Arc<AtomicU32>,
}

impl Retries {
    /// Creates the interceptor and the receiver of its sentences.
    pub fn new() -> (Self, Receiver<String>) {
        let (sender, receiver) = channel();
        (Retries { sender, reported: Arc::new(AtomicU32::new(1)) }, receiver)
    }
}

/// Returns the name of a call as policies write it: `ecr:DescribeImages`.
fn action(call: &Metadata) -> String {
    format!("{}:{}", call.service().to_lowercase(), call.name())
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
        // The calls run at the same time and usually fail together: one sentence for each attempt is enough.
        if attempt > self.reported.fetch_max(attempt, Ordering::Relaxed) {
            let call = config.load::<Metadata>().map_or_else(|| "the call".to_owned(), action);
            // Fails if the caller has stopped waiting.
            let _ = self.sender.send(format!("{call} failed, attempt {attempt} of {ATTEMPTS}"));
        }
        Ok(())
    }
}
