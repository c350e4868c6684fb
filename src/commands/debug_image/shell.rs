//! A shell in an image as configured.

use dockerutils_command::{Error as CommandError, Pipes, Runner, Streaming};
use dockerutils_docker::{self as docker, DebugShell, RunOptions, probe_shell};
use dockerutils_project::Project;

use super::Args;
use super::busybox::find_busybox;
use super::error::DebugError;
use crate::commands::run_image::further_flags;
use crate::dock_context::{DockContext, DockedEngine, DockedRunOptions, RunPlace};
use crate::{Error, Result, ui};

/// The exit status with which docker ends if it does not find a program in the image.
/// <https://docs.docker.com/engine/containers/run/#exit-status>
const NOT_FOUND: i32 = 127;

/// Opens the shell.
///
/// # Errors
/// Fails if the image cannot be run as configured, if it has no shell, or with the shell's own status.
pub(super) fn open(
    name: &str,
    args: &Args,
    project: &Project,
    context: DockContext,
    runner: &Runner,
) -> Result {
    let image = project.image(name)?.with_overrides(None, args.image_tag.as_deref());
    ui::warn_of_unknown_keys(project, [&image]);
    let place = RunPlace::of(context, project, &image, runner)?;
    let run = |shell: &DebugShell| {
        let container = docker::run(&image, &options(args, shell, &place)?, chrono::Local::now())?;
        place.run(&container, project, DockedRunOptions { sync: !args.no_sync, forward: false }, runner)
    };
    run_with_shell(args.busybox, &image.reference()?.to_string(), place.dock(), runner, run)
}

fn options<'a>(args: &'a Args, shell: &'a DebugShell, place: &RunPlace) -> Result<RunOptions<'a>> {
    Ok(RunOptions {
        shell: Some(shell),
        environment: &args.env,
        flags: args.args.as_deref().map_or(Ok(Vec::new()), further_flags)?,
        network: args.network.as_deref(),
        use_gpu: args.use_gpu,
        gpus: args.gpus.as_ref(),
        tag: args.image_tag.as_deref(),
        has_terminal: ui::is_interactive(),
        workspace: place.workspace.clone(),
        host_user: place.owner.clone(),
        ..RunOptions::default()
    })
}

/// Runs with the shell of an image, or with that of busybox: if it is requested, or if the image has none and the user
/// accepts it.
///
/// # Errors
/// Fails if there is no shell, or as `run` does.
pub(super) fn run_with_shell(
    uses_busybox: bool,
    image: &str,
    dock: Option<&DockedEngine>,
    runner: &Runner,
    run: impl Fn(&DebugShell) -> Result,
) -> Result {
    if uses_busybox {
        let busybox = find_busybox(dock, runner)?.ok_or(DebugError::NoBusybox)?;
        return run(&DebugShell::Busybox(busybox));
    }
    let source = match run(&DebugShell::OfImage) {
        Err(Error::Failure(error)) => *error.downcast::<CommandError>().map_err(Error::Failure)?,
        ended => return ended,
    };
    if !is_not_found(&source) || has_shell(image, runner) {
        return Err(source.into());
    }
    let remedy = match find_busybox(dock, runner)? {
        Some(busybox) if ui::is_interactive() && accepts(&busybox, runner)? => {
            return run(&DebugShell::Busybox(busybox));
        }
        Some(busybox) => {
            format!("with --busybox, {busybox} of the engine's machine is mounted, which has one")
        }
        None => DebugError::NoBusybox.to_string(),
    };
    Err(DebugError::NoShell { image: image.to_owned(), remedy, source }.into())
}

fn is_not_found(error: &CommandError) -> bool {
    matches!(error, CommandError::Failed { status, .. } if status.code() == Some(NOT_FOUND))
}

/// Returns whether an image has a shell. A shell that was opened ends with the same status as one that is missing, if its
/// last command was not found.
fn has_shell(image: &str, runner: &Runner) -> bool {
    let probed = runner.start(&probe_shell(image), Pipes::Input).and_then(Streaming::wait);
    probed.is_ok_and(|output| output.status.code() != Some(NOT_FOUND))
}

fn accepts(busybox: &str, runner: &Runner) -> Result<bool> {
    let question =
        format!("the image has no shell: mount {busybox} of the engine's machine and use its sh? [Y/n]");
    Ok(matches!(ui::ask(question, runner)?.to_lowercase().as_str(), "" | "y" | "yes"))
}
