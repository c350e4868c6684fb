//! Decides whether to make docker use BuildKit: if it has it, and the user has not chosen a builder.

use std::time::Duration;

use dockerutils_command::{Command, Error, Runner};
use dockerutils_docker::buildkit;

use crate::Result;

/// The time limit for a query.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Returns whether client and engine both have BuildKit but would use the legacy builder.
///
/// If one of them gives no valid output, nothing is changed.
///
/// # Errors
/// Fails if a signal interrupted us.
pub(super) fn is_buildkit_wanted(runner: &Runner) -> Result<bool> {
    if buildkit::is_builder_chosen() {
        return Ok(false);
    }
    // This query runs in a dry run too: it needs no engine and changes nothing.
    let client = output_of(&Runner::new(false), buildkit::client_query())?;
    if !client.is_some_and(|output| buildkit::client_prefers_legacy(&output)) {
        return Ok(false);
    }
    let engine = output_of(runner, buildkit::engine_query())?;
    Ok(runner.is_dry_run() || engine.is_some_and(|output| buildkit::engine_has_equal_builders(&output)))
}

/// Returns the standard output of a query. `None` if the query fails, because the build will report the reason.
fn output_of(runner: &Runner, query: Command) -> Result<Option<Vec<u8>>> {
    let outputs = match runner.run_parallel(&[query], TIMEOUT) {
        Err(Error::NotFound { .. }) => return Ok(None),
        outputs => outputs?,
    };
    let succeeded = outputs.into_iter().find(|output| output.status.is_some_and(|status| status.success()));
    Ok(succeeded.map(|output| output.stdout))
}
