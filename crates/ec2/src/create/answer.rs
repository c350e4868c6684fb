//! Calls that make something, repeated until AWS has decided on them.
//!
//! The loop is ours and not the SDK's, which does not report that the response to an earlier try was lost. What such a try has
//! made still exists after a later one is refused, for example because the credentials have expired meanwhile.

use std::time::Duration;

use crate::{Account, Call, Result};

/// How often a call is made that is throttled or whose response is lost.
const TRIES: u32 = 5;

/// The first pause before a call is repeated; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// How a call has ended.
pub(super) struct Answer<T> {
    /// The result of the last try.
    pub(super) result: Result<T>,
    /// Whether the response to an earlier try was lost, so that something may exist although the last try was refused.
    pub(super) is_uncertain: bool,
}

impl<T> Answer<T> {
    /// Returns the code of a refusal after which it is certain that the call has made nothing. `decisive` are codes that are
    /// a decision of EC2 although their status is that of a failure.
    pub(super) fn refusal(&self, decisive: &[&str]) -> Option<&str> {
        let error = self.result.as_ref().err()?.call()?;
        let is_decided = !error.is_lost || error.is(decisive);
        error.code.as_deref().filter(|_| is_decided && !self.is_uncertain)
    }
}

/// Makes a call until AWS has decided on it. It must be safe to repeat.
pub(super) async fn answer<C: Call>(account: &Account<'_>, call: &C, decisive: &[&str]) -> Answer<C::Output> {
    let (mut pause, mut is_uncertain) = (PAUSE, false);
    let mut tries = 1;
    loop {
        let result = account.call(call).await;
        let transient = match &result {
            Err(error) => error.call().filter(|call| call.is_transient() && !call.is(decisive)),
            Ok(_) => None,
        };
        let Some(error) = transient.filter(|_| tries < TRIES) else {
            return Answer { result, is_uncertain };
        };
        is_uncertain |= error.is_lost;
        tries += 1;
        account.note(format!("{}; attempt {tries} of {TRIES}", crate::remedy::sentence(error)));
        if let Err(interrupted) = account.pause(pause).await {
            return Answer { result: Err(interrupted), is_uncertain };
        }
        pause *= 2;
    }
}

#[cfg(test)]
mod tests {
    use dockerutils_aws as aws;

    use super::*;
    use crate::CallError;

    /// Returns an answer whose last try failed with this code.
    fn failed(code: &str, is_lost: bool, is_uncertain: bool) -> Answer<()> {
        let error = CallError {
            action: "ec2:RunInstances",
            code: Some(code.to_owned()),
            message: String::new(),
            is_lost,
            clock_skew: None,
            denied_action: None,
            error: aws::Error::Throttled { service: "EC2", region: "us-east-1".to_owned() },
        };
        Answer { result: Err(error.into()), is_uncertain }
    }

    #[test]
    fn a_refusal_means_that_nothing_was_made_unless_an_earlier_response_was_lost() {
        let refusal = |answer: Answer<()>| answer.refusal(&["NoRoom"]).map(str::to_owned);
        for (code, is_lost) in [("Denied", false), ("NoRoom", true)] {
            assert_eq!(refusal(failed(code, is_lost, false)).as_deref(), Some(code));
            assert_eq!(refusal(failed(code, is_lost, true)), None, "{code}");
        }
        assert_eq!(refusal(failed("InternalError", true, false)), None);
        assert_eq!(refusal(Answer { result: Ok(()), is_uncertain: false }), None);
    }
}
