//! The mounts of a container on a dock: those of the project lead to its workspace, and all are checked.

use dockerutils_command::Runner;
use dockerutils_docker::{Container, RedirectedMount};
use dockerutils_project::Project;
use dockerutils_ssh::ControlSocket;

use super::{DockedEngine, sync_up};
use crate::{Result, ui};

/// Prints those of its arguments that do not exist, each ended by a NUL character.
const PRINT_MISSING: &str =
    "for path; do path=$(printf %b \"$path\"); test -e \"$path\" || printf \"%s\\0\" \"$path\"; done";

impl DockedEngine {
    /// Sends the project if a mount leads to its workspace, and warns about mounts of paths that the dock does not have:
    /// docker would create an empty folder for each.
    pub(super) fn prepare_mounts(
        &self,
        container: &Container,
        project: &Project,
        control: Option<&ControlSocket>,
        sync: bool,
        runner: &Runner,
    ) -> Result {
        if let [RedirectedMount { local, remote }, more @ ..] = container.redirected.as_slice() {
            let more =
                if more.is_empty() { String::new() } else { format!(", and {} more likewise", more.len()) };
            ui::note(format_args!("on {} the mount of {local} is that of {remote}{more}", self.dock.moniker));
            if sync {
                sync_up(&self.docks, &self.dock, project, control, runner)?;
            }
        }
        for path in self.missing(&container.mounts, control, runner)? {
            let is_in_workspace = container.redirected.iter().any(|mount| mount.remote == path);
            ui::warn(format_args!(
                "{} has no {path}, so that mount is an empty folder there{}",
                self.dock.moniker,
                if is_in_workspace { reason(sync) } else { "" }
            ));
        }
        Ok(())
    }

    /// Returns the paths that do not exist on the dock.
    fn missing(
        &self,
        paths: &[String],
        control: Option<&ControlSocket>,
        runner: &Runner,
    ) -> Result<Vec<String>> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let paths = paths.iter().map(String::as_str);
        let Some(output) = self.query(PRINT_MISSING, paths, control, runner)? else {
            ui::warn(format_args!(
                "the mounts are not checked, because the login shell of {} on {} runs no commands",
                self.dock.user, self.dock.moniker
            ));
            return Ok(Vec::new());
        };
        // Separated by NUL characters, because a path may contain a line feed.
        let missing = output.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(missing.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }
}

/// Returns why the workspace may lack a path of the project.
fn reason(was_synced: bool) -> &'static str {
    if was_synced {
        ": does `.dockerignore` exclude it?"
    } else {
        ": was it never sent, or does `.dockerignore` exclude it?"
    }
}
