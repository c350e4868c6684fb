//! Running docker: its own words and exit status, and the remedy where its engine cannot be reached.

use std::io::{Write, stderr};
use std::time::Duration;

use dockerutils_command::{Command, Error, Runner, TeeOutput, TimedOutput};
use dockerutils_docker::{Inspected, Trouble, engine, inspect, inspected, is_no_such_image};
use dockerutils_oci::Reference;

use crate::{Result, ui};

/// The longest that the engine may take to say what it knows of images.
const INSPECT: Duration = Duration::from_secs(60);

/// Runs docker and waits for it.
///
/// # Errors
/// docker's own failure.
pub(crate) fn run_docker(runner: &Runner, command: &Command) -> Result {
    Ok(runner.run(command).inspect_err(remedy)?)
}

/// Runs docker and takes what it says on standard output.
///
/// # Errors
/// docker's own failure.
pub(crate) fn capture_docker(runner: &Runner, command: &Command) -> Result<Vec<u8>> {
    Ok(runner.capture(command).inspect_err(remedy)?)
}

/// Runs docker for a registry and listens; `reference` leads there.
///
/// # Errors
/// docker's own failure, with the remedy where its words are known.
pub(crate) fn tee_docker(runner: &Runner, command: &Command, reference: &Reference) -> Result<TeeOutput> {
    let mut heard = runner.run_tee(command);
    match std::mem::replace(&mut heard.ended, Ok(())) {
        Ok(()) => Ok(heard),
        Err(source @ Error::Failed { .. }) => match Trouble::of(&heard.stderr, reference) {
            Some(trouble) => Err(crate::Error::Registry { remedy: trouble.sentence(reference), source }),
            None => {
                remedy(&source);
                Err(source.into())
            }
        },
        Err(source) => Err(source.into()),
    }
}

/// What the engine knows of images, in their order: none of one that it does not have. Under a dry run it is not asked.
///
/// # Errors
/// docker's own failure, or it has not answered in a minute.
pub(crate) fn inspect_images(runner: &Runner, images: &[Reference]) -> Result<Vec<Option<Inspected>>> {
    let answers = runner.run_parallel(&images.iter().map(inspect).collect::<Vec<_>>(), INSPECT)?;
    answers.iter().map(known).collect()
}

fn known(answer: &TimedOutput) -> Result<Option<Inspected>> {
    match answer.status {
        Some(status) if status.success() => Ok(inspected(answer)?),
        Some(_) if is_no_such_image(answer) => Ok(None),
        Some(status) => {
            // They were kept from the user, and nobody is left to tell of a terminal that is gone.
            let _ = stderr().write_all(&answer.stderr);
            let failed = Error::Failed { program: "docker".to_owned(), status };
            remedy(&failed);
            Err(failed.into())
        }
        None => Err(crate::Error::EngineSilent(INSPECT)),
    }
}

/// Runs docker as the last command, and is there when it has ended: the exit status is docker's own, as if it was become.
///
/// # Errors
/// docker's own failure.
pub(crate) fn run_docker_last(runner: &Runner, command: &Command) -> Result {
    Ok(runner.run_to_completion(command).inspect_err(remedy)?)
}

/// Becomes docker, so that signals, terminal and exit status are docker's own.
///
/// Where the engine's socket is seen to be closed, docker is waited for instead: there is a remedy to add.
///
/// # Errors
/// docker could not be started, or failed while it was waited for.
pub(crate) fn exec_docker(runner: &Runner, command: &Command) -> Result {
    if !runner.is_dry_run() && engine::trouble().is_some() {
        return run_docker_last(runner, command);
    }
    Ok(runner.exec(command)?)
}

fn remedy(error: &Error) {
    if let (Error::Failed { .. }, Some(trouble)) = (error, engine::trouble()) {
        ui::note(trouble);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_was_given_up_has_said_nothing_of_an_image() {
        let silent = TimedOutput { status: None, stdout: Vec::new(), stderr: Vec::new(), took: INSPECT };
        let error = known(&silent).unwrap_err();
        assert!(matches!(error, crate::Error::EngineSilent(INSPECT)), "{error}");
        assert!(error.to_string().starts_with("docker has not answered in 60 s: `docker info`"), "{error}");
    }
}
