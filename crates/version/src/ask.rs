//! A question to a program that need not have an answer.
//!
//! A missing program, a failure, an answer that makes no sense: none ends the work. A signal that told us to stop does.

use std::time::Duration;

use dockerutils_command::{Command, Error, Runner};

/// How long an answer may take; git on a cold disk is slow.
const LIMIT: Duration = Duration::from_secs(60);

/// Why there is no answer, in one clause.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// The program is missing, failed without a word, or took too long.
    #[error(transparent)]
    Command(#[from] Error),
    /// The program failed and said this.
    #[error("{0}")]
    Said(String),
    /// The program was ended at the limit.
    #[error("{program} gave no answer for {} s", LIMIT.as_secs())]
    Late { program: &'static str },
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
    let Some(answer) = runner.run_parallel(std::slice::from_ref(command), LIMIT)?.pop() else {
        return Ok(String::new());
    };
    let status = answer.status.ok_or(NoAnswer::Late { program })?;
    if !status.success() {
        let failed = Error::Failed { program: program.to_owned(), status };
        return Err(last_line(&answer.stderr).map_or(failed.into(), NoAnswer::Said));
    }
    let text = String::from_utf8(answer.stdout)
        .map_err(|_| NoAnswer::Nonsense { program, what: "text that is not UTF-8".to_owned() })?;
    Ok(text.trim().to_owned())
}

/// A program that fails says the most of it last.
fn last_line(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    Some(line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}
