//! Runs a program for its output and treats every failure as a missing result.
//!
//! A program that is missing, fails or prints something unexpected does not end the work. Only a signal to us does.

use std::slice;
use std::time::Duration;

use dockerutils_command::{Command, Error, Runner, printable};

/// How long a program may run; git on a cold disk is slow.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Why a program gave no result, as a clause of a message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    /// The program is missing, or failed without a message.
    #[error("{0}")]
    Command(#[from] Error),
    /// The last line that the failed program wrote to standard error.
    #[error("{0}")]
    Failed(String),
    #[error("{program} did not finish within {} s", TIMEOUT.as_secs())]
    TimedOut { program: &'static str },
    #[error("{program} printed {output}")]
    UnexpectedOutput { program: &'static str, output: String },
}

impl QueryError {
    /// Returns the error, unless the reason is a signal that was sent to us.
    pub(crate) fn unless_interrupted(self) -> Result<Self, Error> {
        match self {
            QueryError::Command(interrupted @ Error::Interrupted { .. }) => Err(interrupted),
            other => Ok(other),
        }
    }
}

/// Runs a command and returns its standard output, trimmed. Under a dry run the result is empty.
pub(crate) fn query(runner: &Runner, program: &'static str, command: &Command) -> Result<String, QueryError> {
    // Of the runner's methods, only `run_parallel` has a timeout.
    let Some(output) = runner.run_parallel(slice::from_ref(command), TIMEOUT)?.pop() else {
        return Ok(String::new());
    };
    let status = output.status.ok_or(QueryError::TimedOut { program })?;
    if !status.success() {
        let failed = Error::Failed { program: program.to_owned(), status };
        return Err(last_line(&output.stderr).map_or(failed.into(), QueryError::Failed));
    }
    let text = String::from_utf8(output.stdout)
        .map_err(|_| QueryError::UnexpectedOutput { program, output: "text that is not UTF-8".to_owned() })?;
    Ok(text.trim().to_owned())
}

/// Returns the last line that is not blank: git and Python both end with the actual error.
fn last_line(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    Some(printable(line).into_owned())
}
