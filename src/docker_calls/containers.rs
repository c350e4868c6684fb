//! The containers of a project: listing them, and changing several at once.

use dockerutils_command::{Command, Error, Pipes, Runner};
use dockerutils_docker::{
    ContainerRules, ListedContainer, ProjectContainer, inspect_references, is_no_such_container,
    list_all_containers,
};
use dockerutils_project::Project;

use super::{capture_docker, note_remedy};
use crate::{Result, ui};

/// What the engine prints about a container that is being removed by itself, because it was run with `--rm`.
const REMOVAL: &str = "is already in progress";

/// Returns the containers of the project's images that the calling user has started, running or not, newest first. It
/// takes one call of docker, and another one only if a container runs an earlier build. A dry run finds none.
///
/// # Errors
/// Fails if docker/ cannot be read, or if docker fails.
pub(crate) fn project_containers(runner: &Runner, project: &Project) -> Result<Vec<ProjectContainer>> {
    let rules = ContainerRules::of(project)?;
    let listed = ListedContainer::parse_list(&capture_docker(runner, &list_all_containers())?)?;
    let mut containers = rules.select(listed);
    if let Some(inspect) = inspect_references(&containers) {
        runner.echo(std::slice::from_ref(&inspect));
        rules.confirm(&mut containers, &query_containers(runner, &inspect)?)?;
    }
    Ok(containers)
}

/// Runs docker without an echo and returns what it prints about containers. One that has been removed since it was listed
/// is missing there, which is not an error.
///
/// # Errors
/// Fails if docker cannot be started, or if it fails.
pub(crate) fn query_containers(runner: &Runner, command: &Command) -> Result<Vec<u8>> {
    let output = runner.start(command, Pipes::Input)?.wait()?;
    // A signal ends docker too, without a message.
    runner.check_interrupted()?;
    if output.status.success() || is_no_such_container(&output.stderr) {
        return Ok(output.stdout);
    }
    // stderr was captured, so print it now.
    ui::print_on_stderr(String::from_utf8_lossy(&output.stderr));
    let failed = Error::Failed { program: command.program(), status: output.status };
    note_remedy(&failed);
    Err(failed.into())
}

/// Stops or removes containers, and prints what docker prints. One that has been removed meanwhile is not an error.
///
/// # Errors
/// Fails if docker cannot be started, or if it fails for another container.
pub(crate) fn change_containers(runner: &Runner, command: &Command) -> Result {
    runner.echo(std::slice::from_ref(command));
    let output = runner.start(command, Pipes::Input)?.wait()?;
    runner.check_interrupted()?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !stdout.is_empty() {
        ui::print_line(stdout.trim_end())?;
    }
    let is_gone = |line: &&str| is_no_such_container(line.as_bytes()) || line.contains(REMOVAL);
    let lines = stderr.lines().filter(|line| !line.is_empty());
    let (gone, failures): (Vec<&str>, Vec<&str>) = lines.partition(is_gone);
    if output.status.success() || (failures.is_empty() && !gone.is_empty()) {
        return Ok(());
    }
    ui::print_on_stderr(failures.iter().map(|line| format!("{line}\n")).collect::<String>());
    let failed = Error::Failed { program: command.program(), status: output.status };
    note_remedy(&failed);
    Err(failed.into())
}
