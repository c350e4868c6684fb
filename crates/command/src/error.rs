//! Failures of external commands.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// The reason why an external command did not succeed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The program does not exist.
    #[error("`{program}` is not installed: there is no such program on PATH")]
    NotFound { program: String },
    /// The program is a path that cannot be run.
    #[error("`{program}` {problem}")]
    NotRunnable { program: String, problem: String },
    /// The system refused to start the program.
    #[error("`{program}` could not be started: {source}")]
    Start { program: String, source: io::Error },
    /// The system refused signal handlers or a thread for them.
    #[error("signals cannot be watched: {0}")]
    Signals(io::Error),
    /// The command ended with a status other than 0, and has printed the reason itself.
    #[error("`{program}` ended with exit status {}", exit_code(*status))]
    Failed { program: String, status: ExitStatus },
    /// The command printed more than is kept of its output, and was ended.
    #[error("`{program}` {overflow}")]
    TooMuchOutput { program: String, overflow: String },
    /// A signal arrived before the command started or while it ran.
    #[error("stopped by signal {signal}")]
    Interrupted { signal: i32 },
}

impl Error {
    /// Returns the exit status to end with: the child's own, 128+n for a signal, otherwise 1.
    pub fn code(&self) -> u8 {
        match self {
            Error::Failed { status, .. } => exit_code(*status),
            Error::Interrupted { signal } => signal_code(*signal),
            Error::NotFound { .. }
            | Error::NotRunnable { .. }
            | Error::Start { .. }
            | Error::Signals(_)
            | Error::TooMuchOutput { .. } => 1,
        }
    }
}

/// Returns the exit status as a shell reports it: 128 plus the signal's number for a child that a signal ended.
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
