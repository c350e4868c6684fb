//! What can go wrong with an external command.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Why an external command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such program on PATH.
    #[error("`{program}` is not installed: there is no such program on PATH")]
    NotFound {
        /// The program as it was asked for.
        program: String,
    },
    /// The system refused to start it.
    #[error("`{program}` could not be started: {source}")]
    Start {
        /// The program as it was asked for.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// It ran, and ended with a status other than 0. It has said why itself.
    #[error("`{program}` ended with exit status {}", exit_code(*status))]
    Failed {
        /// The program as it was asked for.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// We were told to stop by a signal while it ran, or before it started.
    #[error("stopped by signal {signal}")]
    Interrupted {
        /// The signal's number.
        signal: i32,
    },
}

impl Error {
    /// The exit status to end with: the child's own, 128+n for a signal, else 1.
    pub fn code(&self) -> u8 {
        match self {
            Error::Failed { status, .. } => exit_code(*status),
            Error::Interrupted { signal } => signal_code(*signal),
            Error::NotFound { .. } | Error::Start { .. } => 1,
        }
    }
}

/// The exit status as a shell reports it: a child that a signal ended counts as 128 plus the signal's number.
pub fn exit_code(status: ExitStatus) -> u8 {
    match (status.code(), status.signal()) {
        (Some(code), _) => u8::try_from(code).unwrap_or(1),
        (None, Some(signal)) => signal_code(signal),
        (None, None) => 1,
    }
}

fn signal_code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}
