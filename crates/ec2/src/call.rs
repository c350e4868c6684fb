//! A call to AWS as one value: the request and the `aws` command line that does the same are two views of it.

use std::error::Error as StdError;
use std::fmt::Write as _;

use aws_sdk_ec2::config::http::HttpResponse;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use dockerutils_aws as aws;

use crate::Words;

/// The clients that a call may use.
#[derive(Debug, Clone)]
pub struct Clients {
    /// The client of EC2.
    pub ec2: aws_sdk_ec2::Client,
    /// The client of STS, which knows who the caller is.
    pub sts: aws_sdk_sts::Client,
    /// The client of the price list.
    pub pricing: aws_sdk_pricing::Client,
}

/// What the SDK returns for a call.
pub type SdkResult<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// A call to AWS.
pub trait Call {
    /// What the caller gets of the response.
    type Output;
    /// The error of the SDK.
    type Error: ProvideErrorMetadata + StdError + 'static;
    /// The action as policies name it: `ec2:RunInstances`. The verb of the `aws` command is made from it.
    const ACTION: &'static str;
    /// Whether the call only reads.
    const READS: bool = false;

    /// Returns what the call is about, for errors: `security group sg-…`.
    fn resource(&self) -> String;

    /// Returns the words after `aws ec2 VERB --region REGION`.
    fn words(&self) -> Words;

    /// Makes the request.
    fn send(&self, clients: &Clients) -> impl Future<Output = SdkResult<Self::Output, Self::Error>>;
}

/// Returns the words of `aws` for a call: service, verb, region, profile and the call's own.
pub(crate) fn whole_words<C: Call>(call: &C, region: &str, profile: Option<&str>) -> Words {
    let (service, action) = C::ACTION.split_once(':').unwrap_or(("ec2", C::ACTION));
    let mut words = Words::new().value(service).value(kebab(action)).with("--region", region);
    if let Some(profile) = profile {
        words = words.with("--profile", profile);
    }
    words.and(call.words())
}

/// Returns `run-instances` for `RunInstances`.
fn kebab(action: &str) -> String {
    let mut kebab = String::new();
    for (index, c) in action.char_indices() {
        let dash = if c.is_ascii_uppercase() && index > 0 { "-" } else { "" };
        let _ = write!(kebab, "{dash}{}", c.to_ascii_lowercase());
    }
    kebab
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct CallError {
    /// The action: `ec2:RunInstances`.
    pub action: &'static str,
    /// The error code of AWS, if the response has one: `InsufficientInstanceCapacity`.
    pub code: Option<String>,
    /// The message of AWS; empty if the response has none.
    pub message: String,
    /// Whether the call may have taken effect: the response is missing or is not from AWS.
    pub is_lost: bool,
    /// The seconds by which AWS's clock is ahead of ours, if it refuses the call for its time.
    pub clock_skew: Option<i64>,
    /// The action that is denied, if it is another one than the call's.
    pub denied_action: Option<String>,
    /// The same failure as a sentence.
    #[source]
    pub error: aws::Error,
}

impl CallError {
    pub(crate) fn new<C: Call>(call: &C, region: &str, error: &SdkError<C::Error, HttpResponse>) -> Self {
        let service = match C::ACTION.split(':').next() {
            Some("sts") => "STS",
            Some("pricing") => "AWS's price list",
            _ => "EC2",
        };
        let context = aws::Call { service, action: C::ACTION, resource: call.resource(), region };
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().map(str::to_owned);
        let sentence = context.error(error);
        // A call that is throttled has the status of a failure, and has no effect.
        let has_failed = status.is_some_and(|status| status >= 500) && !is_throttled(&sentence);
        CallError {
            action: C::ACTION,
            message: error.message().unwrap_or_default().to_owned(),
            is_lost: code.is_none() || has_failed,
            clock_skew: code.as_deref().and_then(|code| clock_skew(code, error.raw_response()?)),
            denied_action: None,
            error: sentence,
            code,
        }
    }

    /// Returns whether AWS refuses with one of these codes. One that ends in `*` stands for all that begin like it.
    pub fn is(&self, codes: &[&str]) -> bool {
        let Some(code) = self.code.as_deref() else { return false };
        codes.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(start) => code.starts_with(start),
            None => code == *wanted,
        })
    }

    /// Returns whether the same call may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        self.is_lost || is_throttled(&self.error) || matches!(self.error, aws::Error::Server(_))
    }

    /// Returns whether the caller lacks a permission.
    pub fn is_denied(&self) -> bool {
        matches!(self.error, aws::Error::Denied(_))
    }
}

fn is_throttled(error: &aws::Error) -> bool {
    matches!(error, aws::Error::Throttled { .. })
}

/// Returns by how many seconds AWS's clock is ahead of ours, if that is why it refuses.
fn clock_skew(code: &str, response: &HttpResponse) -> Option<i64> {
    if !matches!(code, "RequestExpired" | "AuthFailure" | "SignatureDoesNotMatch" | "RequestTimeTooSkewed") {
        return None;
    }
    let date = chrono::DateTime::parse_from_rfc2822(response.headers().get("date")?).ok()?;
    let ahead = date.signed_duration_since(chrono::Utc::now()).num_seconds();
    // AWS allows five minutes.
    (ahead.abs() >= 240).then_some(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_of_the_aws_command_is_made_from_the_action() {
        for (action, verb) in [
            ("RunInstances", "run-instances"),
            ("AuthorizeSecurityGroupIngress", "authorize-security-group-ingress"),
            ("DescribeVpcs", "describe-vpcs"),
        ] {
            assert_eq!(kebab(action), verb);
        }
    }
}
