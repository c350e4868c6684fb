//! Builds on a dock: the context goes over the network, so its size matters, and whether it is sent once or twice.

use dockerutils_command::Runner;
use dockerutils_project::Project;

use super::builder_choice::is_buildkit_wanted;
use super::steps::Step;
use crate::dock_context::DockedEngine;
use crate::ui::Megabytes;
use crate::{Result, ui};

/// From this size on, the size of the context is reported before it is sent.
const LARGE_CONTEXT: u64 = 100 * 1000 * 1000;

/// How many of the largest files are named.
const LARGEST: usize = 5;

/// Opens the connection to the dock if it was lost, reports a large context, and returns the steps, some of them changed
/// to use BuildKit.
///
/// # Errors
/// Fails if the dock cannot be reached, if the ignore file is not valid, or if a signal interrupted us.
pub(super) fn prepare<'p>(
    steps: Vec<Step<'p>>,
    project: &Project,
    engine: &DockedEngine,
    runner: &Runner,
) -> Result<Vec<Step<'p>>> {
    engine.ensure_session(runner)?;
    note_large_context(project, engine)?;
    // BuildKit keeps the context of the first build for the second one. A single build has no such advantage.
    if !steps.iter().any(Step::accepts_either_builder) || !is_buildkit_wanted(runner)? {
        return Ok(steps);
    }
    ui::note(format_args!(
        "DOCKER_BUILDKIT=1 for an image with a stage `builder`: its two builds send the context to {} once, and docker's \
         legacy builder would send it twice (DOCKER_BUILDKIT=0 keeps that one)",
        engine.moniker()
    ));
    Ok(steps.into_iter().map(Step::with_buildkit).collect())
}

fn note_large_context(project: &Project, engine: &DockedEngine) -> Result {
    let context = dockerutils_sync::measure_context(project.root())?;
    if context.bytes <= LARGE_CONTEXT {
        return Ok(());
    }
    let largest = context
        .largest(LARGEST)
        .iter()
        .map(|(path, size)| format!("{} ({})", path.display(), Megabytes(*size)));
    ui::note(format_args!(
        "the context that is sent to {} has {} in {} files; exclude what is not needed in .dockerignore; the largest: {}",
        engine.moniker(),
        Megabytes(context.bytes),
        context.sizes.len(),
        largest.collect::<Vec<_>>().join(", ")
    ));
    Ok(())
}
