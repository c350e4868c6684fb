//! The steps of a build plan: for each image the script before the build, the builds, and the script after them.

use dockerutils_command::{Command, Runner};
use dockerutils_docker::{BuildCommand, BuildPlan, ImageBuild, Script, buildkit};

use super::error::ScriptError;
use crate::Result;
use crate::docker_calls::{exec_docker, note_remedy, run_docker};

/// A command that a build runs.
pub(super) enum Step<'p> {
    Script(Script<'p>),
    Build {
        command: Command,
        /// Whether standard output belongs to the image alone, and this builds a stage of it.
        stdout_to_stderr: bool,
        /// Whether this is one of two builds that send the same context, and BuildKit would do the same.
        accepts_either_builder: bool,
    },
    /// The builds of an image whose Dockerfile may be created or changed by the script before them.
    BuildsAfterScript {
        build: &'p ImageBuild<'p>,
        uses_buildkit: bool,
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
    let commands = build.commands()?;
    match build.pre_build_script()? {
        Some(script) => {
            steps.extend([Step::Script(script), Step::BuildsAfterScript { build, uses_buildkit: false }]);
        }
        None => steps.extend(commands.into_iter().map(|BuildCommand { command, stdout_to_stderr }| {
            Step::Build { command, stdout_to_stderr, accepts_either_builder }
        })),
    }
    steps.extend(build.post_build_script()?.map(Step::Script));
    Ok(())
}

/// How a step is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepMode {
    /// The process becomes docker: it then gets signals and the terminal directly, and its exit status is ours.
    BecomeDocker,
    /// We wait for docker.
    Wait,
    /// We wait for docker, and its output goes to standard error, because the command has another result.
    Prepare,
}

/// Runs the steps in order, the last one in this mode.
///
/// # Errors
/// Fails at the first step that fails.
pub(super) fn run_steps(steps: &[Step], last_mode: StepMode, runner: &Runner) -> Result {
    let Some((last, before)) = steps.split_last() else { return Ok(()) };
    let mode = if last_mode == StepMode::Prepare { StepMode::Prepare } else { StepMode::Wait };
    for step in before {
        step.run(runner, mode)?;
    }
    last.run(runner, last_mode)
}

impl Step<'_> {
    pub(super) fn accepts_either_builder(&self) -> bool {
        match self {
            Step::Script(_) => false,
            Step::Build { accepts_either_builder, .. } => *accepts_either_builder,
            Step::BuildsAfterScript { build, uses_buildkit } => {
                !uses_buildkit && build.accepts_either_builder()
            }
        }
    }

    /// Makes docker use BuildKit for builds that accept either builder.
    pub(super) fn with_buildkit(self) -> Self {
        match self {
            Step::Build { command, stdout_to_stderr, accepts_either_builder: true } => Step::Build {
                command: buildkit::with_buildkit(command),
                stdout_to_stderr,
                accepts_either_builder: false,
            },
            Step::BuildsAfterScript { build, .. } if build.accepts_either_builder() => {
                Step::BuildsAfterScript { build, uses_buildkit: true }
            }
            other => other,
        }
    }

    fn run(&self, runner: &Runner, mode: StepMode) -> Result {
        match self {
            Step::Build { command, stdout_to_stderr, .. }
                if *stdout_to_stderr || mode == StepMode::Prepare =>
            {
                Ok(runner.run_stdout_to_stderr(command).inspect_err(note_remedy)?)
            }
            Step::Build { command, .. } if mode == StepMode::BecomeDocker => exec_docker(runner, command),
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
            Step::BuildsAfterScript { build, uses_buildkit } => {
                // A dry run has run no script, so the Dockerfile is as it was planned.
                let commands =
                    if runner.is_dry_run() { build.commands() } else { build.commands_after_script() }?;
                let steps: Vec<Step> =
                    commands.into_iter().map(|build| build_step(build, *uses_buildkit)).collect();
                run_steps(&steps, mode, runner)
            }
        }
    }
}

fn build_step<'p>(BuildCommand { command, stdout_to_stderr }: BuildCommand, uses_buildkit: bool) -> Step<'p> {
    let command = if uses_buildkit { buildkit::with_buildkit(command) } else { command };
    Step::Build { command, stdout_to_stderr, accepts_either_builder: false }
}
