//! The steps of a build plan: for each image the script before the build, the builds, and the script after them.

use dockerutils_command::{Command, Runner};
use dockerutils_docker::{BuildPlan, ImageBuild, Script, buildkit};

use super::error::ScriptError;
use crate::Result;
use crate::docker_calls::{exec_docker, run_docker};

/// A command that a build runs.
pub(super) enum Step<'p> {
    Script(Script<'p>),
    Build {
        command: Command,
        /// Whether this is one of two builds that send the same context, and BuildKit would do the same.
        accepts_either_builder: bool,
    },
}

/// Evaluates the steps of all builds, so that a mistake is found before anything runs.
///
/// # Errors
/// Fails if a value of the configuration cannot be evaluated.
pub(super) fn steps<'p>(plan: &'p BuildPlan) -> Result<Vec<Step<'p>>> {
    let mut steps = Vec::new();
    for build in &plan.builds {
        add_steps(&mut steps, build)?;
    }
    Ok(steps)
}

fn add_steps<'p>(steps: &mut Vec<Step<'p>>, build: &'p ImageBuild) -> Result {
    let accepts_either_builder = build.accepts_either_builder();
    steps.extend(build.pre_build_script()?.map(Step::Script));
    for command in build.commands()? {
        steps.push(Step::Build { command, accepts_either_builder });
    }
    steps.extend(build.post_build_script()?.map(Step::Script));
    Ok(())
}

/// Runs the steps in order. If `becomes_last` is set and the last step is a build, the process becomes docker.
///
/// # Errors
/// Fails at the first step that fails.
pub(super) fn run_steps(steps: &[Step], becomes_last: bool, runner: &Runner) -> Result {
    let Some((last, before)) = steps.split_last() else { return Ok(()) };
    for step in before {
        step.run(runner)?;
    }
    match last {
        // Docker then gets signals and the terminal directly, and its exit status is ours.
        Step::Build { command, .. } if becomes_last => exec_docker(runner, command),
        step => step.run(runner),
    }
}

impl Step<'_> {
    pub(super) fn accepts_either_builder(&self) -> bool {
        matches!(self, Step::Build { accepts_either_builder: true, .. })
    }

    /// Makes docker use BuildKit for a build that accepts either builder.
    pub(super) fn with_buildkit(self) -> Self {
        match self {
            Step::Build { command, accepts_either_builder: true } => {
                Step::Build { command: buildkit::with_buildkit(command), accepts_either_builder: false }
            }
            other => other,
        }
    }

    fn run(&self, runner: &Runner) -> Result {
        match self {
            Step::Build { command, .. } => run_docker(runner, command),
            Step::Script(Script { value, command }) => {
                let (key, place) = (value.key.clone(), value.place.clone());
                // Standard output belongs to docker alone.
                Ok(runner.run_stdout_to_stderr(command).map_err(|source| ScriptError {
                    key,
                    place,
                    source,
                })?)
            }
        }
    }
}
