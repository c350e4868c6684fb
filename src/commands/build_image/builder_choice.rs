//! Whether docker is to be told to take BuildKit: it has it, and nobody says which builder is meant.

use std::time::Duration;

use dockerutils_command::{Command, Error, Runner};
use dockerutils_docker::buildkit;

use crate::Result;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Whether client and engine both have BuildKit and would take the legacy builder. Where one does not answer as expected,
/// nothing is to be changed.
///
/// # Errors
/// We were told to stop.
pub(crate) fn is_wanted(runner: &Runner) -> Result<bool> {
    if buildkit::is_said() {
        return Ok(false);
    }
    // In a dry run too: it takes no engine and changes nothing.
    let client = answer(&Runner::new(false), buildkit::ask_client())?;
    if !client.is_some_and(|answer| buildkit::is_in_client(&answer)) {
        return Ok(false);
    }
    let engine = answer(runner, buildkit::ask_engine())?;
    Ok(runner.is_dry_run() || engine.is_some_and(|answer| buildkit::is_in_engine(&answer)))
}

/// What docker answers on standard output; nothing where it fails, which the build says better.
fn answer(runner: &Runner, question: Command) -> Result<Option<Vec<u8>>> {
    let answers = match runner.run_parallel(&[question], LIMIT) {
        Err(Error::NotFound { .. }) => return Ok(None),
        answers => answers?,
    };
    let succeeded = answers.into_iter().find(|answer| answer.status.is_some_and(|status| status.success()));
    Ok(succeeded.map(|answer| answer.stdout))
}
