//! Removing what was planned. What is gone already is no failure.

use dockerutils_command::{Command, Error, Pipes, Runner};
use dockerutils_docker::{is_gone_already, prune_build_cache, remove_containers, remove_images};

use super::plan::{ItemKind, Plan};
use crate::docker_calls::note_remedy;
use crate::{Result, ui};

/// How many images one call removes: docker prints a line for each layer, and what it prints is bounded.
const AT_A_TIME: usize = 50;

/// Removes containers, then the images that they had, then build cache. A failure does not keep the rest from being
/// removed.
///
/// # Errors
/// Fails if docker fails.
pub(super) fn remove(plan: &Plan, runner: &Runner) -> Result {
    let (containers, images) = (plan.targets(ItemKind::Container), plan.targets(ItemKind::Image));
    let mut ended = Ok(());
    if !containers.is_empty() {
        ended = run(runner, &remove_containers(containers));
    }
    if !images.is_empty() {
        for some in images.chunks(AT_A_TIME) {
            runner.check_interrupted()?;
            let removed = run(runner, &remove_images(some.iter().copied()));
            ended = ended.and(removed);
        }
    }
    if let Some(cache) = &plan.cache {
        runner.check_interrupted()?;
        let pruned = runner.run_stdout_to_stderr(&prune_build_cache(&cache.filter)).inspect_err(note_remedy);
        ended = ended.and(pruned.map_err(Into::into));
    }
    ended
}

/// Runs docker without its output, and prints why it could not remove something.
fn run(runner: &Runner, command: &Command) -> Result {
    runner.echo(std::slice::from_ref(command));
    let output = runner.start(command, Pipes::Input)?.wait()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let failures: String = stderr
        .lines()
        .filter(|line| !line.is_empty() && !is_gone_already(line))
        .map(|line| format!("{line}\n"))
        .collect();
    if output.status.success() || (failures.is_empty() && !stderr.is_empty()) {
        return Ok(());
    }
    ui::print_on_stderr(failures);
    let failed = Error::Failed { program: command.program(), status: output.status };
    note_remedy(&failed);
    Err(failed.into())
}
