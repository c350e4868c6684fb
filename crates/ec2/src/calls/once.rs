//! Calls that the SDK must not repeat.

use aws_sdk_ec2::config::Builder;
use aws_sdk_ec2::config::retry::RetryConfig;

/// Returns the configuration of a call that is made once.
///
/// EC2 reports that it has no room with status 500, which the SDK would take for a failure; some calls have no token with
/// which EC2 recognizes a repetition; and of a call that makes something, the journal has to know that a response was lost.
pub(super) fn once() -> Builder {
    aws_sdk_ec2::config::Config::builder().retry_config(RetryConfig::disabled())
}
