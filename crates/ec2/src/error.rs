//! The failures of work on EC2, each with its remedy.

use dockerutils_aws as aws;

use crate::CallError;
use crate::create::CreateError;

/// The reason why work on EC2 has failed, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Credentials, region or network.
    #[error("{0}")]
    Aws(#[from] aws::Error),
    /// No region is chosen anywhere.
    #[error(
        "no AWS region is set: use --region, or set AWS_REGION, `region` in ~/.docker/dock.cfg, or `region` with `aws configure`"
    )]
    NoRegion,
    /// AWS refuses a call, or does not respond.
    #[error("{}", crate::remedy::sentence(.0))]
    Call(#[from] Box<CallError>),
    /// A program failed, or a signal arrived.
    #[error("{0}")]
    Command(#[from] dockerutils_command::Error),
    /// A dock cannot be stopped, started or destroyed.
    #[error("{0}")]
    Life(#[from] crate::life::LifeError),
    /// The dock cannot be created.
    #[error("{0}")]
    Create(#[from] Box<CreateError>),
    /// AWS returned a text that is not what it should be.
    #[error("AWS returned something unexpected: {0}")]
    Word(dockerutils_dock::Invalid),
    /// A record, a journal or another file of docks.
    #[error("{0}")]
    Dock(#[from] dockerutils_dock::Error),
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        Error::Call(Box::new(error))
    }
}

impl From<CreateError> for Error {
    fn from(error: CreateError) -> Self {
        Error::Create(Box::new(error))
    }
}

impl Error {
    pub(crate) fn word(invalid: dockerutils_dock::Invalid) -> Self {
        Error::Word(invalid)
    }

    pub(crate) fn from_connecting(error: aws::Error) -> Self {
        match error {
            aws::Error::NoRegion => Error::NoRegion,
            other => Error::Aws(other),
        }
    }

    /// Returns the failed call; `None` for every other failure.
    pub fn call(&self) -> Option<&CallError> {
        match self {
            Error::Call(error) => Some(error),
            _ => None,
        }
    }

    /// Returns whether AWS refuses a call with one of these codes, as [`CallError::is`] compares them.
    pub fn is(&self, codes: &[&str]) -> bool {
        self.call().is_some_and(|error| error.is(codes))
    }

    /// Returns whether the machine of a creation is kept although the dock is not ready.
    pub(crate) fn keeps_machine(&self) -> bool {
        matches!(self, Error::Create(reason) if reason.keeps_machine())
    }

    /// Returns whether a signal has ended the work.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Error::Command(dockerutils_command::Error::Interrupted { .. }))
    }
}
