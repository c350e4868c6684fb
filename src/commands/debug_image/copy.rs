//! A shell in a copy of a container's file system. The copy is removed afterwards, also after a signal.

use dockerutils_command::Runner;
use dockerutils_docker::{DeadContainer, DebugShell, copy_container, remove_images_by_force, run_copy, stop};
use dockerutils_project::Project;

use super::Args;
use super::shell::run_with_shell;
use crate::dock_context::DockedEngine;
use crate::docker_calls::{DEBUG_LABEL, USER_LABEL, note_remedy};
use crate::{Result, ui};

/// How long the shell may take to end after a signal, in seconds. A shell in a terminal ignores SIGTERM.
const GRACE: u32 = 1;

/// Copies the container's file system and opens a shell in the copy, with the mounts and the variables of the container.
///
/// # Errors
/// Fails if the copy cannot be made, if it has no shell, or with the shell's own status.
pub(super) fn open_shell_in_copy(
    container: &DeadContainer,
    args: &Args,
    project: &Project,
    dock: Option<&DockedEngine>,
    runner: &Runner,
) -> Result {
    let copy = Copy::of(container, project, runner)?;
    ui::note("the shell is in a copy, which is removed when it ends; what it changes in mounts remains");
    run_with_shell(args.busybox, &copy.id, dock, runner, |shell| copy.run(container, shell, runner))
}

/// An image of a container's file system, removed when it is dropped.
struct Copy {
    id: String,
    /// A runner that no signal has reached, for the removal.
    remover: Runner,
}

impl Copy {
    fn of(container: &DeadContainer, project: &Project, runner: &Runner) -> Result<Self> {
        let user = project.user().tag();
        let labels = [(DEBUG_LABEL, project.name()?), (USER_LABEL, user.as_str())];
        // The engine makes the image even if docker's client is ended meanwhile, and then nobody knows its ID.
        let id =
            runner.capture_uninterrupted(&copy_container(&container.id, &labels)).inspect_err(note_remedy)?;
        let id = String::from_utf8_lossy(&id).trim().to_owned();
        let copy = Copy { id, remover: runner.uninterrupted() };
        runner.check_interrupted()?;
        Ok(copy)
    }

    fn run(&self, container: &DeadContainer, shell: &DebugShell, runner: &Runner) -> Result {
        let name = format!("{}_debug_{}", container.name, std::process::id());
        let command = run_copy(container, &self.id, &name, shell);
        Ok(runner.run_stoppable(&command, &stop([name.as_str()], Some(GRACE))).inspect_err(note_remedy)?)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // Docker prints the reason if it fails. `clean-image` removes what is left.
        let _ = self.remover.capture(&remove_images_by_force(&[&self.id]));
    }
}
