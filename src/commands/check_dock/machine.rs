//! The script that prints facts about the checked machine.

use std::time::Duration;

use dockerutils_check::{MachineFacts, ScriptFault, dock_script, local_script};
use dockerutils_command::{Command, TimedOutput};
use dockerutils_docker::engine;
use dockerutils_project::{Project, User, workspaces_of};
use dockerutils_ssh::{RUN_INPUT, is_ssh_failure};

use super::dock::CheckedDock;
use super::owners;

/// How long the script may take; programs that may hang have a limit of their own in it.
pub(super) const TIMEOUT: Duration = Duration::from_secs(15);

/// Returns what the shell reads.
///
/// # Errors
/// Fails if a path contains a NUL character.
pub(super) fn script(dock: Option<&CheckedDock>, project: Option<&Project>) -> crate::Result<String> {
    match dock {
        Some(dock) => {
            let workspace = project.and_then(|project| dock.workspace(project));
            let (folder, mounts) = match (&workspace, project) {
                (Some(workspace), Some(project)) => {
                    (workspace.user_folder(), owners::mounts_on_dock(project, workspace))
                }
                _ => (workspaces_of(&User::current()), Vec::new()),
            };
            Ok(dock_script(&folder, &mounts)?)
        }
        None => Ok(local_script(&engine::root().to_string_lossy())?),
    }
}

/// Makes `shell` read the script. Its echo is a pipe from this command.
pub(super) fn with_script(shell: Command, script: String, dock: Option<&CheckedDock>) -> Command {
    let name = dock.map(|dock| dock.dock.moniker.to_string());
    let printed_by = Command::new("check-dock").arg("--script").args(name);
    shell.secret_input(script.into(), printed_by)
}

/// Returns the shell of this machine that reads the script.
pub(super) fn local_shell(script: String) -> Command {
    with_script(Command::new("sh").args(["-c", RUN_INPUT]), script, None)
}

/// Parses what the script has printed.
pub(super) fn facts(outputs: &[TimedOutput]) -> Result<MachineFacts, ScriptFault> {
    let output = outputs.first().ok_or(ScriptFault::Unfinished)?;
    MachineFacts::parse(&output.stdout).ok_or(match output.status {
        Some(status) if !is_ssh_failure(status.code()) => ScriptFault::Refused,
        _ => ScriptFault::Unfinished,
    })
}
