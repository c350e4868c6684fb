//! Runs docker, keeps its exit status, and adds the remedy if its engine cannot be reached.

mod containers;
mod error;

use std::time::Duration;

use dockerutils_command::{Command, Error, Runner, TeeOutput, TimedOutput};
use dockerutils_dock::session::InheritedDocking;
use dockerutils_docker::{
    Container, ImageLookup, InspectedImage, LocalImage, PushFailure, engine, inspect, is_no_such_image,
    look_up_image, parse_inspected, stop,
};
use dockerutils_oci::Reference;

pub(crate) use self::containers::{change_containers, project_containers, query_containers};
pub(crate) use self::error::DockerCallError;
use crate::check_hint::with_check_hint;
use crate::{Result, ui};

/// The label of an image that `debug-image --last` has made; its value is the name of the project.
pub(crate) const DEBUG_LABEL: &str = "dockerutils.debug";

/// The label of images and containers whose value is the name of the user.
pub(crate) const USER_LABEL: &str = "dockerutils.user";

/// The time limit for `docker image inspect`.
const INSPECT_TIMEOUT: Duration = Duration::from_secs(60);

/// Runs docker and waits for it to exit.
///
/// # Errors
/// Fails if docker cannot be started, or if it fails.
pub(crate) fn run_docker(runner: &Runner, command: &Command) -> Result {
    Ok(runner.run(command).inspect_err(note_remedy)?)
}

/// Runs docker and returns the list that it prints.
///
/// # Errors
/// Fails if docker cannot be started, or if it fails.
pub(crate) fn capture_docker(runner: &Runner, command: &Command) -> Result<Vec<u8>> {
    Ok(runner.capture_list(command).inspect_err(note_remedy)?)
}

/// Runs docker for the registry of `reference`, shows its output to the user, and returns it. `helper` is the credential
/// helper that logs in there by itself.
///
/// # Errors
/// Fails if docker cannot be started, or if it fails; with the remedy if the failure is recognized.
pub(crate) fn tee_docker(
    runner: &Runner,
    command: &Command,
    reference: &Reference,
    helper: Option<&str>,
) -> Result<TeeOutput> {
    let mut output = runner.run_tee(command);
    match std::mem::replace(&mut output.ended, Ok(())) {
        Ok(()) => Ok(output),
        Err(source @ Error::Failed { .. }) => match PushFailure::diagnose(&output.stderr, reference) {
            Some(failure) => {
                Err(DockerCallError::Registry { remedy: failure.remedy(reference, helper), source }.into())
            }
            None => {
                note_remedy(&source);
                Err(source.into())
            }
        },
        Err(source) => Err(source.into()),
    }
}

/// Inspects images of the engine, in their order; `None` for an image that does not exist. A dry run inspects nothing.
///
/// # Errors
/// Fails if docker fails, or if it does not finish within a minute.
pub(crate) fn inspect_images(runner: &Runner, images: &[Reference]) -> Result<Vec<Option<InspectedImage>>> {
    let commands: Vec<Command> = images.iter().map(inspect).collect();
    runner.run_parallel(&commands, INSPECT_TIMEOUT)?.iter().map(inspected_image).collect()
}

fn inspected_image(output: &TimedOutput) -> Result<Option<InspectedImage>> {
    match output.status {
        Some(status) if status.success() => Ok(parse_inspected(output)?),
        Some(_) if is_no_such_image(output) => Ok(None),
        Some(status) => {
            // stderr was captured, so print it now.
            ui::print_on_stderr(String::from_utf8_lossy(&output.stderr));
            let failed = Error::Failed { program: "docker".to_owned(), status };
            note_remedy(&failed);
            Err(failed.into())
        }
        None => Err(DockerCallError::TimedOut(INSPECT_TIMEOUT).into()),
    }
}

/// Runs docker as the last command and waits for it: its exit status counts, even if a signal arrives meanwhile.
///
/// # Errors
/// Fails if docker cannot be started, or if it fails.
pub(crate) fn run_docker_last(runner: &Runner, command: &Command) -> Result {
    Ok(runner.run_to_completion(command).inspect_err(note_remedy)?)
}

/// Runs a container and waits for docker to exit.
///
/// # Errors
/// Fails if docker fails; with the command that builds the image if the engine does not have it.
pub(crate) fn run_container_last(runner: &Runner, container: &Container) -> Result {
    explain_failure(runner.run_to_completion(&container.command), container)
}

/// Runs a container and waits for docker to exit; a signal stops the container.
///
/// # Errors
/// Fails as [`run_container_last`] does, and if a signal arrives.
pub(crate) fn run_container_stoppable(runner: &Runner, container: &Container) -> Result {
    explain_failure(
        runner.run_stoppable(&container.command, &stop([container.name.as_str()], None)),
        container,
    )
}

/// Replaces docker's failure if the engine lacks the image, or adds why the engine cannot be reached.
fn explain_failure(ended: std::result::Result<(), Error>, container: &Container) -> Result {
    let Err(source) = ended else { return Ok(()) };
    match &container.local_image {
        Some(image) if is_docker_failure(&source) && is_missing(&image.reference) => Err(not_built(image)),
        _ => {
            note_remedy(&source);
            Err(source.into())
        }
    }
}

/// Fails if the engine lacks an image that only a build makes. An engine without a local socket is asked by docker itself,
/// and [`exec_container`] waits for its failure.
///
/// # Errors
/// Names the command that builds the image.
pub(crate) fn check_image(runner: &Runner, container: &Container) -> Result {
    match &container.local_image {
        Some(image) if !runner.is_dry_run() && look_up_image(&image.reference) == ImageLookup::Missing => {
            Err(not_built(image))
        }
        _ => Ok(()),
    }
}

fn not_built(image: &LocalImage) -> crate::Error {
    let (name, build) = (image.reference.to_string(), image.build.to_shell());
    DockerCallError::NotBuilt { name, build }.into()
}

/// Becomes docker to run a container, after [`check_image`]. If only docker can find out whether the image is missing, we
/// have to outlive it to add the remedy.
///
/// # Errors
/// Returns only if docker could not be started, or if it had to be waited for and failed.
pub(crate) fn exec_container(runner: &Runner, container: &Container) -> Result {
    let is_hidden = container.local_image.is_some() && !engine::has_local_socket();
    if container.is_awaited || (is_hidden && !runner.is_dry_run()) {
        return run_container_last(runner, container);
    }
    exec_docker(runner, &container.command)
}

/// Returns whether docker itself failed, and not the program in the container.
/// <https://docs.docker.com/engine/containers/run/#exit-status>
fn is_docker_failure(error: &Error) -> bool {
    matches!(error, Error::Failed { status, .. } if status.code() == Some(125))
}

/// Returns whether an engine that can be reached lacks an image.
fn is_missing(image: &Reference) -> bool {
    match look_up_image(image) {
        ImageLookup::Present => false,
        ImageLookup::Missing => true,
        // docker has another way to the engine.
        ImageLookup::NoResponse | ImageLookup::NoSocket => {
            let inspected = || Runner::new(false).run_parallel(&[inspect(image)], INSPECT_TIMEOUT);
            let lacks = |output: &TimedOutput| output.status.is_some() && is_no_such_image(output);
            engine::diagnose().is_none() && inspected().is_ok_and(|outputs| outputs.iter().all(lacks))
        }
    }
}

/// Becomes docker, so that signals, terminal and exit status are docker's own.
///
/// # Errors
/// Returns only if docker could not be started, or if it had to be waited for and failed.
pub(crate) fn exec_docker(runner: &Runner, command: &Command) -> Result {
    // If the engine cannot be reached, this process has to outlive docker to add the remedy.
    if !runner.is_dry_run() && engine::diagnose().is_some() {
        return run_docker_last(runner, command);
    }
    Ok(runner.exec(command)?)
}

/// Adds the remedy to the failure of a docker whose engine cannot be reached.
pub(crate) fn note_remedy(error: &Error) {
    let (Error::Failed { .. }, Some(unreachable)) = (error, engine::diagnose()) else { return };
    match InheritedDocking::of_environment() {
        // The socket is one end of a connection, and no engine of this machine.
        Some(InheritedDocking { moniker, .. }) => ui::note(with_check_hint(format_args!(
            "the connection to {moniker} is lost: `source dock {moniker}` opens it again"
        ))),
        None => ui::note(with_check_hint(unreachable)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inspection_that_timed_out_is_an_error_and_not_a_missing_image() {
        let silent =
            TimedOutput { status: None, stdout: Vec::new(), stderr: Vec::new(), took: INSPECT_TIMEOUT };
        let error = inspected_image(&silent).unwrap_err();
        let expected = "docker has not responded within 60 s: check the engine with `docker info`";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
