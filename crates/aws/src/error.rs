//! Why AWS did not do what was asked: one sentence each, with the remedy.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_ecr::config::http::HttpResponse;
use aws_sdk_ecr::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use crate::patience::ATTEMPTS;

/// What went wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing in the chain has credentials.
    #[error(
        "there are no AWS credentials here: `aws configure` or `aws sso login`, or set AWS_PROFILE, or \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    NoCredentials,
    /// Something in the chain should have had credentials and has not.
    #[error("AWS credentials could not be had, see `aws configure list`: {0}")]
    Credentials(String),
    /// They were good once.
    #[error("your AWS session has expired, begin a new one with `aws sso login`, or as you began it: {0}")]
    Expired(String),
    /// AWS does not know them.
    #[error("AWS does not take your credentials, see `aws configure list`: {0}")]
    Unknown(String),
    /// Nothing says which region is meant.
    #[error(
        "no AWS region is set: set AWS_REGION, or `region` with `aws configure`, or write it in place of {{region}}"
    )]
    NoRegion,
    /// The caller may not do that.
    #[error("AWS does not let you do {0}: ask whoever looks after the account for that permission")]
    Denied(Refusal),
    /// Too many requests, again and again.
    #[error(
        "ECR in {region} has too many requests, {ATTEMPTS} times in a row: wait a minute, then publish again"
    )]
    Throttled {
        /// Where.
        region: String,
    },
    /// There is no way there, or nobody answers.
    #[error(
        "ECR in {region} cannot be reached, look at the network, at HTTPS_PROXY and at AWS_ENDPOINT_URL: {why}"
    )]
    Unreachable {
        /// Where.
        region: String,
        /// What the system said.
        why: String,
    },
    /// Its own failure, again and again.
    #[error("ECR fails by itself, wait a minute, then publish again: {0}")]
    Server(Refusal),
    /// Not what ECR says.
    #[error("the answer is not one of ECR's, look at AWS_ENDPOINT_URL and at HTTPS_PROXY: {0}")]
    Answer(Refusal),
    /// Something else that it will not do.
    #[error("ECR refused {0}")]
    Refused(Refusal),
    /// Patience is over.
    #[error("AWS has not answered in {seconds} s, look at the network and at AWS_ENDPOINT_URL")]
    TimedOut {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The caller said stop.
    #[error("stopped")]
    Stopped,
    /// The system has no means left to talk to anybody.
    #[error("AWS cannot be asked: {0}")]
    Runtime(#[from] std::io::Error),
}

impl Error {
    /// Whether the service has heard the call and will not, or cannot now, do it for this caller.
    pub(crate) fn is_of_the_service(&self) -> bool {
        matches!(self, Error::Denied(_) | Error::Throttled { .. } | Error::Server(_) | Error::Refused(_))
    }

    /// What it means that a provider of the chain failed. The SDK keeps the kinds of its failures to itself.
    pub(crate) fn of_credentials(error: &(dyn StdError + 'static)) -> Self {
        let whole = DisplayErrorContext(error).to_string();
        let is_over =
            ["expired", "SSO token", "UnauthorizedException"].iter().any(|sign| whole.contains(sign));
        if is_over { Error::Expired(root(error)) } else { Error::Credentials(root(error)) }
    }
}

/// A call, what it was about, and what was said to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The action, as policies name it: `ecr:CreateRepository`.
    pub action: &'static str,
    /// What it was about: a repository, or a registry.
    pub on: String,
    /// AWS's own words.
    pub said: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Refusal { action, on, said } = self;
        write!(f, "{action} on {on} ({said})")
    }
}

/// A call and what it is about, until it is known what becomes of it.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    pub(crate) action: &'static str,
    pub(crate) on: String,
    pub(crate) region: &'a str,
}

impl Call<'_> {
    pub(crate) fn refusal(&self, said: impl AsRef<str>) -> Refusal {
        Refusal { action: self.action, on: self.on.clone(), said: one_line(said.as_ref()) }
    }

    /// What a failed call means.
    pub(crate) fn error<E>(&self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let region = self.region.to_owned();
        match error {
            SdkError::TimeoutError(_) => Error::Unreachable { region, why: "it does not answer".to_owned() },
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                Error::Unreachable { region, why: root(error) }
            }
            SdkError::ServiceError(answer) => {
                self.service_error(answer.err(), answer.raw().status().as_u16())
            }
            _ => Error::Answer(self.refusal(root(error))),
        }
    }

    /// The codes are those of the service's and of AWS's common errors.
    /// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html>
    fn service_error(&self, error: &(impl ProvideErrorMetadata + StdError + 'static), status: u16) -> Error {
        let Some(code) = error.code() else {
            let said = format!("HTTP status {status}");
            return if status >= 500 {
                Error::Server(self.refusal(said))
            } else {
                Error::Answer(self.refusal(said))
            };
        };
        let said = error.message().unwrap_or(code);
        match code {
            "AccessDeniedException" | "AccessDenied" | "NotAuthorized" | "UnauthorizedOperation" => {
                Error::Denied(self.refusal(said))
            }
            "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => Error::Expired(one_line(said)),
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature" => Error::Unknown(one_line(said)),
            "ThrottlingException" | "Throttling" | "TooManyRequestsException" | "RequestLimitExceeded" => {
                Error::Throttled { region: self.region.to_owned() }
            }
            "ServerException" | "InternalFailure" | "ServiceUnavailable" => Error::Server(self.refusal(said)),
            _ if status >= 500 => Error::Server(self.refusal(said)),
            _ => Error::Refused(self.refusal(said)),
        }
    }
}

/// The innermost cause: the layers around it say only that something went wrong.
pub(crate) fn root(error: &(dyn StdError + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    one_line(&innermost.to_string())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
