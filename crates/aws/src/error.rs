//! The failures of AWS, each with its remedy.

use std::error::Error as StdError;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::retries::ATTEMPTS;

/// The reason why AWS could not be used, and what to do.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The SDK finds no credentials in any place.
    #[error(
        "no AWS credentials found: run `aws configure` or `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY"
    )]
    NoCredentials,
    /// The chosen profile, or the one of AWS_PROFILE, does not exist.
    #[error("{chosen_by} is `{name}`, and your AWS configuration has no such profile{}", known_profiles(.known))]
    NoProfile { chosen_by: &'static str, name: String, known: Vec<String> },
    /// A file of profiles is broken, or cannot be read.
    #[error("your AWS configuration cannot be read, correct the file: {0}")]
    ProfileFile(String),
    /// The environment has one key of a pair.
    #[error("{present} is set, but {missing} is not: set both, or none to use a profile")]
    HalfKeyPair { present: &'static str, missing: &'static str },
    /// A profile has one key of a pair.
    #[error("an AWS profile has half a key pair, add the other half with `aws configure`: {0}")]
    HalfProfile(String),
    /// A key cannot be one.
    #[error("{0} contains a blank or a line break, which no key has: set it again without")]
    BlankInKey(&'static str),
    /// A place that should have credentials failed to return them.
    #[error("AWS credentials cannot be loaded, check `aws configure list`: {0}")]
    Credentials(String),
    /// The credentials have expired.
    #[error("your AWS session has expired, start a new one, for example with `aws sso login`: {0}")]
    Expired(String),
    /// A call arrived too late. It is signed with the time.
    #[error(
        "AWS rejected the request as too old: try again, and check the clock of this machine and what delays its \
         connections: {0}"
    )]
    TooOld(String),
    /// AWS does not know the credentials.
    #[error("AWS rejects your credentials, check `aws configure list`: {0}")]
    Unrecognized(String),
    /// No region is set.
    #[error(
        "no AWS region is set: set AWS_REGION, or `region` with `aws configure`, or write it in place of {{region}}"
    )]
    NoRegion,
    /// The caller does not have the permission.
    #[error("AWS denies {0}: request that permission from the administrator of the account")]
    Denied(Refusal),
    /// Every attempt was throttled.
    #[error("{service} in {region} throttled {ATTEMPTS} attempts in a row: wait a minute, then try again")]
    Throttled { service: &'static str, region: String },
    /// The endpoint cannot be reached, or does not respond.
    #[error(
        "{service} in {region} cannot be reached, check the network, HTTPS_PROXY and AWS_ENDPOINT_URL: {reason}"
    )]
    Unreachable { service: &'static str, region: String, reason: String },
    /// Every attempt failed within the service.
    #[error("{service} failed internally, wait a minute, then try again: {0}", service = .0.service)]
    Server(Refusal),
    /// The response does not come from AWS, but for example from a login page of the network.
    #[error("the response is not from {service}, check AWS_ENDPOINT_URL and HTTPS_PROXY: {0}", service = .0.service)]
    UnexpectedResponse(Refusal),
    /// The service refuses for any other reason.
    #[error("{service} refuses {0}", service = .0.service)]
    Refused(Refusal),
    /// The address of this machine cannot be found out.
    #[error(
        "your own address, which the security group has to let in, cannot be found out from {url}, check the network and \
         DOCKERUTILS_CHECK_IP: {reason}"
    )]
    NoOwnAddress { url: String, reason: String },
    /// The time for all calls together is up.
    #[error("AWS did not respond within {seconds} s, check the network and AWS_ENDPOINT_URL")]
    TimedOut { seconds: u64 },
    /// The caller wanted to stop.
    #[error("stopped")]
    Stopped,
    /// The system refuses the means to make connections.
    #[error("connections to AWS cannot be made: {0}")]
    Runtime(#[from] std::io::Error),
}

/// Returns a refusal of EC2 without the reason that only `aws sts decode-authorization-message` can read.
fn without_encoded_message(message: &str) -> &str {
    message.split("Encoded authorization failure message").next().unwrap_or_default().trim_end()
}

impl Error {
    /// Returns whether the service received the call, and refuses it to this caller or at this time.
    pub fn is_from_service(&self) -> bool {
        matches!(self, Error::Denied(_) | Error::Throttled { .. } | Error::Server(_) | Error::Refused(_))
    }

    /// Creates the error for a credentials provider that failed.
    pub(crate) fn from_credentials(error: &(dyn StdError + 'static)) -> Self {
        // The SDK does not export the kinds of these failures, so only the text distinguishes them.
        let whole = DisplayErrorContext(error).to_string();
        let is_expired =
            ["expired", "SSO token", "UnauthorizedException"].iter().any(|sign| whole.contains(sign));
        match root(error) {
            message if is_expired => Error::Expired(message),
            message if message.contains("profile missing aws_") => Error::HalfProfile(message),
            message => Error::Credentials(message),
        }
    }
}

fn known_profiles(known: &[String]) -> String {
    match known {
        [] => ": run `aws configure`, or unset AWS_PROFILE".to_owned(),
        known => format!(", only {}", known.join(", ")),
    }
}

/// A call that AWS refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The service, as people name it: `ECR`.
    pub service: &'static str,
    /// The action, as policies name it: `ecr:CreateRepository`.
    pub action: &'static str,
    /// What the call is about: a repository, an instance.
    pub resource: String,
    /// The message of AWS.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Refusal { service: _, action, resource, message } = self;
        write!(f, "{action} on {resource} ({message})")
    }
}

/// A call in progress, for the error if it fails.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// The service, as people name it: `ECR`.
    pub service: &'static str,
    /// The action, as policies name it: `ecr:CreateRepository`.
    pub action: &'static str,
    /// What the call is about: a repository, an instance.
    pub resource: String,
    /// The region.
    pub region: &'a str,
}

impl Call<'_> {
    /// Creates the refusal of the call with the message of AWS.
    pub fn refusal(&self, message: impl AsRef<str>) -> Refusal {
        let (service, action, resource) = (self.service, self.action, self.resource.clone());
        Refusal { service, action, resource, message: one_line(message.as_ref()) }
    }

    /// Creates the error for a failed call.
    pub fn error<E>(&self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let (service, region) = (self.service, self.region.to_owned());
        match error {
            SdkError::TimeoutError(_) => {
                Error::Unreachable { service, region, reason: "it does not respond".to_owned() }
            }
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                Error::Unreachable { service, region, reason: root(error) }
            }
            SdkError::ServiceError(response) => {
                self.service_error(response.err(), response.raw().status().as_u16())
            }
            _ => Error::UnexpectedResponse(self.refusal(root(error))),
        }
    }

    /// Creates the error for a response of the service.
    fn service_error(&self, error: &(impl ProvideErrorMetadata + StdError + 'static), status: u16) -> Error {
        let Some(code) = error.code() else {
            let message = format!("HTTP status {status}");
            // A proxy or a load balancer in front of the service has no codes.
            return if status >= 500 {
                Error::Server(self.refusal(message))
            } else {
                Error::UnexpectedResponse(self.refusal(message))
            };
        };
        let message = error.message().unwrap_or(code);
        // The codes of ECR and EC2, and those that every service of AWS may return:
        // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html
        // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
        match code {
            "AccessDeniedException" | "AccessDenied" | "NotAuthorized" | "UnauthorizedOperation" => {
                Error::Denied(self.refusal(without_encoded_message(message)))
            }
            "ExpiredTokenException" | "ExpiredToken" => Error::Expired(one_line(message)),
            "RequestExpired" => Error::TooOld(one_line(message)),
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "AuthFailure" => Error::Unrecognized(one_line(message)),
            "ThrottlingException" | "Throttling" | "TooManyRequestsException" | "RequestLimitExceeded" => {
                Error::Throttled { service: self.service, region: self.region.to_owned() }
            }
            "ServerException" | "InternalFailure" | "InternalError" | "ServiceUnavailable"
            | "Unavailable" => Error::Server(self.refusal(message)),
            _ if status >= 500 => Error::Server(self.refusal(message)),
            _ => Error::Refused(self.refusal(message)),
        }
    }
}

/// Returns the message of the innermost cause: the SDK's layers around it only add that something failed.
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
