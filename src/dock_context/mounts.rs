//! The mounts of a container on a dock: those of the project lead to its workspace, and all are checked.

use dockerutils_command::Runner;
use dockerutils_docker::{Container, RedirectedMount};
use dockerutils_project::{Project, Workspace};
use dockerutils_ssh::ControlSocket;
use dockerutils_sync::{Error as SyncError, other_owner, owner_script};

use super::{DockedEngine, sync_up};
use crate::{Result, ui};

/// Prints those of its arguments that do not exist, each ended by a NUL character.
const PRINT_MISSING: &str =
    "for path; do path=$(printf %b \"$path\"); test -e \"$path\" || printf \"%s\\0\" \"$path\"; done";

/// What the dock has at the host sides of mounts.
#[derive(Default)]
struct MountedPaths {
    /// The paths that do not exist.
    missing: Vec<String>,
    /// The error for a mounted workspace that is the copy of another folder.
    other: Option<SyncError>,
}

impl DockedEngine {
    /// Sends the project if a mount leads to its workspace, and warns about mounts of paths that the dock does not have:
    /// docker would create an empty folder for each.
    ///
    /// # Errors
    /// Fails if a mount leads to the workspace, and it is the copy of another folder; without a sync, that is a warning.
    pub(crate) fn prepare_mounts(
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
        }
        let workspace = self.workspace(project)?;
        if sync && container.mounts_workspace(&workspace) {
            sync_up(&self.docks, &self.dock, project, control, runner)?;
        }
        let MountedPaths { missing, other } =
            self.check_paths(&container.mounts, &workspace, control, runner)?;
        match other {
            Some(error) if sync => return Err(error.into()),
            Some(error) => ui::warn(format_args!("the container gets files of another folder: {error}")),
            None => {}
        }
        for path in missing {
            ui::warn(format_args!(
                "{} has no {path}, so that mount is an empty folder there{}",
                self.dock.moniker,
                if workspace.contains(&path) { reason(sync) } else { "" }
            ));
        }
        Ok(())
    }

    /// Checks paths on the dock. The same connection finds out whose the workspace is: a container with a mount of it would
    /// get the files of another folder.
    fn check_paths(
        &self,
        paths: &[String],
        workspace: &Workspace,
        control: Option<&ControlSocket>,
        runner: &Runner,
    ) -> Result<MountedPaths> {
        if paths.is_empty() {
            return Ok(MountedPaths::default());
        }
        let key = workspace.origin().key;
        let arguments = [&workspace.path, &key].into_iter().chain(paths).map(String::as_str);
        let script = format!("{}; {PRINT_MISSING}", owner_script());
        let Some(output) = self.query("query-mounts", &script, arguments, control, runner)? else {
            ui::warn(format_args!("the mounts are not checked: {}", self.shell_refusal()));
            return Ok(MountedPaths::default());
        };
        // Separated by NUL characters, because a path may contain a line feed.
        let mut results = output.split(|byte| *byte == 0);
        let is_mounted = paths.iter().any(|path| workspace.contains(path));
        let owner = results.next().and_then(other_owner).filter(|_| is_mounted);
        let (path, dock) = (workspace.path.clone(), self.dock.moniker.to_string());
        let other = owner.map(|owner| SyncError::WorkspaceOfAnother { path, dock, owner });
        let missing = results.filter(|path| !path.is_empty());
        Ok(MountedPaths {
            missing: missing.map(|path| String::from_utf8_lossy(path).into_owned()).collect(),
            other,
        })
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
