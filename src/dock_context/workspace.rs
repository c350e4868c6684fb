//! A project and its workspace on a dock.

use dockerutils_command::{self as command, Runner, quote};
use dockerutils_dock::session::{join_session, ssh_via_session};
use dockerutils_dock::{Dock, Docks};
use dockerutils_project::{Project, Workspace};
use dockerutils_ssh::ControlSocket;
use dockerutils_sync::{OnProgress, ProjectSync, SshTarget, UpOptions, VersionFile, WorkspaceNames};
use dockerutils_version::Settings;

use super::reachability::waiting_for_dock;
use super::sync_outcome::{report_left_files, warn_of_failure};
use crate::version_file::write_version_file;
use crate::{Error, Result, ui};

/// Returns the workspace of a project on a dock: the one that `--as` names, or has named for this folder before, else the
/// configured one.
///
/// # Errors
/// Fails if the name is not valid.
pub(crate) fn workspace_on(
    docks: &Docks,
    dock: &Dock,
    project: &Project,
    name: Option<&str>,
) -> Result<Workspace> {
    let known = WorkspaceNames::of(&docks.sync_folder(dock)).get(project.root());
    Ok(project.workspace(name.or(known.as_deref()))?)
}

/// Makes later commands in this folder use the workspace of this name, too.
///
/// # Errors
/// Fails if the name cannot be written down.
pub(crate) fn remember_workspace(
    docks: &Docks,
    dock: &Dock,
    project: &Project,
    name: Option<&str>,
) -> Result {
    match name {
        Some(name) => Ok(WorkspaceNames::of(&docks.sync_folder(dock)).set(project.root(), name)?),
        None => Ok(()),
    }
}

/// Returns the sync of a project with a dock, in the workspace that `--as` names. It goes through the connection that a docked terminal has opened, if there
/// is one, which then stays open until this process ends.
///
/// # Errors
/// Fails if other users can use the session's folder, if the project has no valid name, or if its versioneer settings are
/// invalid.
pub(crate) fn join_and_sync_with(
    docks: &Docks,
    dock: &Dock,
    project: &Project,
    name: Option<&str>,
    runner: &Runner,
) -> Result<ProjectSync> {
    let control = join_session(docks, dock, runner)?.map(|session| session.control());
    sync_with(docks, dock, project, name, control.as_ref())
}

fn sync_with(
    docks: &Docks,
    dock: &Dock,
    project: &Project,
    name: Option<&str>,
    control: Option<&ControlSocket>,
) -> Result<ProjectSync> {
    let named = name.map(|name| format!(" --as {}", quote(name.as_ref()))).unwrap_or_default();
    let arguments = format!("{}{named}", dock.moniker);
    let target = SshTarget {
        dock: dock.moniker.to_string(),
        user: dock.user.to_string(),
        destination: dock.destination(),
        host: dock.address.in_url(),
        ssh: ssh_via_session(docks, dock, control),
    };
    let version_file = Settings::of_project(project.root())?.map(|settings| VersionFile {
        source: settings.versionfile_source.into(),
        built: dockerutils_version::FILE.into(),
    });
    let (workspace, state_folder) = (workspace_on(docks, dock, project, name)?, docks.sync_folder(dock));
    let backup_folder = docks.sync_backup_folder();
    Ok(ProjectSync { target, arguments, workspace, state_folder, backup_folder, version_file })
}

/// Writes the project's version file and sends the project to a dock. Nothing is deleted or overwritten there that changed
/// on the dock; such files are reported.
///
/// Whatever cannot be sent is a warning: the container runs with the files that the dock has.
///
/// # Errors
/// Fails if a signal arrives, or if the workspace is the copy of another folder.
pub(crate) fn sync_up(
    docks: &Docks,
    dock: &Dock,
    project: &Project,
    control: Option<&ControlSocket>,
    runner: &Runner,
) -> Result {
    let sync = || {
        write_version_file(project, runner)?;
        let sync = sync_with(docks, dock, project, None, control)?;
        let plan = waiting_for_dock(dock, || sync.prepare_up(UpOptions::default(), runner))?;
        let up = |on_progress: Option<&OnProgress>| sync.execute_up(plan, on_progress, runner);
        Ok::<_, Error>(ui::show_progress(format_args!("to {}", dock.moniker), up)?)
    };
    match sync() {
        Ok(plan) => report_left_files(&plan, &dock.moniker),
        Err(error) if matches!(error.child_error(), Some(command::Error::Interrupted { .. })) => {
            return Err(error);
        }
        // The container would get the files of another folder.
        Err(error) if is_of_another(&error) => return Err(error),
        Err(error) => {
            let reason = error.message().unwrap_or_else(|| error.to_string());
            warn_of_failure(reason, &dock.moniker);
        }
    }
    Ok(())
}

fn is_of_another(error: &Error) -> bool {
    let Error::Failure(error) = error else { return false };
    matches!(error.downcast_ref(), Some(dockerutils_sync::Error::WorkspaceOfAnother { .. }))
}
