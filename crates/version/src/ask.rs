//! A question to a program that need not have an answer.
//!
//! A missing program, a failure, an answer that makes no sense: none ends the work. A signal that told us to stop does.

use dockerutils_command::{Command, Error, Runner};

/// Why there is no answer, in one clause.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// The program is missing, or failed; it has said why itself.
    #[error(transparent)]
    Command(#[from] Error),
    /// The answer is not what was asked for.
    #[error("{program} answered with {what}")]
    Nonsense { program: &'static str, what: String },
}

impl NoAnswer {
    /// The reason, unless it is that we were told to stop.
    pub(crate) fn unless_stopped(self) -> Result<Self, Error> {
        match self {
            NoAnswer::Command(stopped @ Error::Interrupted { .. }) => Err(stopped),
            other => Ok(other),
        }
    }
}

/// What the program writes to its standard output, trimmed; under a dry run nothing.
pub(crate) fn ask(runner: &Runner, program: &'static str, command: &Command) -> Result<String, NoAnswer> {
    let text = String::from_utf8(runner.capture(command)?)
        .map_err(|_| NoAnswer::Nonsense { program, what: "text that is not UTF-8".to_owned() })?;
    Ok(text.trim().to_owned())
}
