//! The last container that has ended: found, examined, and copied for a shell.

use std::time::Duration;

use dockerutils_command::{Error as CommandError, Runner, TimedOutput};
use dockerutils_docker::{
    ContainerState, DeadContainer, EngineMachine, inspect_engine_machine, inspect_for_postmortem,
    inspect_image_architecture, merge_log, tail_log,
};
use dockerutils_project::Project;

use super::Args;
use super::copy::open_shell_in_copy;
use super::error::DebugError;
use super::report::Report;
use crate::dock_context::DockContext;
use crate::docker_calls::{note_remedy, project_containers, query_containers};
use crate::{Result, ui};

/// How long docker may take to print what is known about a container.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Prints what a container of the image, or of any image of the project, has died of. In a terminal, opens a shell in a
/// copy of its file system.
///
/// # Errors
/// Fails if there is no such image or no container of it that has ended, or if docker fails.
pub(super) fn examine(
    image: Option<&str>,
    args: &Args,
    project: &Project,
    context: DockContext,
    runner: &Runner,
) -> Result {
    let image = image.map(|name| project.image(name)).transpose()?.map(|image| image.name);
    let dock = context.into_docked_engine();
    if let Some(dock) = &dock {
        dock.ensure_session(runner)?;
    }
    let found = find(image.as_deref(), project, runner)?;
    if runner.is_dry_run() {
        ui::note(
            "then the container that was started last, and has ended, is examined, and a shell is opened in a copy of its files",
        );
        return Ok(());
    }
    let none = || DebugError::NoneLeft { what: image.clone().unwrap_or_else(|| "this project".to_owned()) };
    let (image, container) = found.ok_or_else(none)?;
    let report = report(&image, &container, runner)?;
    if args.json {
        return Ok(ui::print_json(&report)?);
    }
    report.print()?;
    if ui::is_interactive() {
        return open_shell_in_copy(&container, args, project, dock.as_ref(), runner);
    }
    Ok(())
}

/// Returns the container that was created last and has ended, with its image. One that docker could not start counts.
fn find(image: Option<&str>, project: &Project, runner: &Runner) -> Result<Option<(String, DeadContainer)>> {
    for candidate in project_containers(runner, project)? {
        use ContainerState::{Created, Dead, Exited};
        let is_over = matches!(candidate.container.state, Created | Dead | Exited);
        if !is_over || image.is_some_and(|image| candidate.image != image) {
            continue;
        }
        let inspect = inspect_for_postmortem(&candidate.container.id);
        runner.echo(std::slice::from_ref(&inspect));
        // It may have been removed, or started again, since it was listed.
        let container = DeadContainer::parse(&query_containers(runner, &inspect)?)?;
        if let Some(container) = container.filter(DeadContainer::is_over) {
            return Ok(Some((candidate.image, container)));
        }
    }
    Ok(None)
}

/// Collects what docker knows about the end of a container.
fn report(image: &str, container: &DeadContainer, runner: &Runner) -> Result<Report> {
    let commands =
        [inspect_engine_machine(), inspect_image_architecture(&container.image_id), tail_log(&container.id)];
    let outputs = runner.run_parallel(&commands, TIMEOUT)?;
    let [engine, architecture, log] = &outputs[..] else {
        return Err(DebugError::Gone { name: container.name.clone() }.into());
    };
    let machine = EngineMachine::parse(succeeded(engine)?)?;
    let is_successful = |output: &TimedOutput| output.status.is_some_and(|status| status.success());
    // The image may have been removed.
    let architecture =
        is_successful(architecture).then(|| String::from_utf8_lossy(&architecture.stdout).trim().to_owned());
    let (lines, unreadable) = match is_successful(log) {
        true => (merge_log(&log.stdout, &log.stderr), None),
        false => (Vec::new(), Some(String::from_utf8_lossy(&log.stderr).trim().to_owned())),
    };
    Ok(Report::new(image, container, &machine, architecture, lines, unreadable))
}

/// Returns the output of docker, which has reached its engine a moment before.
fn succeeded(output: &TimedOutput) -> Result<&[u8]> {
    match output.status {
        Some(status) if !status.success() => {
            // stderr was captured, so print it now.
            ui::print_on_stderr(String::from_utf8_lossy(&output.stderr));
            let failed = CommandError::Failed { program: "docker".to_owned(), status };
            note_remedy(&failed);
            Err(failed.into())
        }
        Some(_) => Ok(&output.stdout),
        None => Err(crate::docker_calls::DockerCallError::TimedOut(TIMEOUT).into()),
    }
}
