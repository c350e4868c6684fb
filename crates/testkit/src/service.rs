//! The services that a command under test reaches through its environment.

use std::ffi::OsString;

/// An engine, a stand-in for AWS or anything else that a command finds through environment variables.
///
/// The kit itself starts none: this is how another crate's services are given to an [`Invocation`](crate::Invocation).
pub trait Service {
    /// Returns the variables that lead a command to the service.
    fn environment(&self) -> Vec<(&'static str, OsString)>;
}
