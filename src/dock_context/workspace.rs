//! A project and its workspace on a dock.

use dockerutils_command::Runner;
use dockerutils_dock::session::{join_session, ssh_via_session};
use dockerutils_dock::{Dock, Docks};
use dockerutils_project::Project;
use dockerutils_ssh::ControlSocket;
use dockerutils_sync::{ProjectSync, SshTarget, VersionFile};
use dockerutils_version::Settings;

use crate::Result;
use crate::version_file::write_version_file;

/// Returns the sync of a project with a dock. It goes through the connection that a docked terminal has opened, if there
/// is one, which then stays open until this process ends.
///
/// # Errors
/// Fails if other users can use the session's folder, if the project has no valid name, or if its versioneer settings are
/// invalid.
pub(crate) fn join_and_sync_with(
    docks: &Docks,
    dock: &Dock,
    project: &Project,
    runner: &Runner,
) -> Result<ProjectSync> {
    let control = join_session(docks, dock, runner)?.map(|session| session.control());
    sync_with(docks, dock, project, control.as_ref())
}

fn sync_with(
    docks: &Docks,
    dock: &Dock,
    project: &Project,
    control: Option<&ControlSocket>,
) -> Result<ProjectSync> {
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
    let (workspace, state_folder) = (project.workspace()?, docks.sync_folder(dock));
    Ok(ProjectSync { target, workspace, state_folder, version_file })
}

/// Writes the project's version file and sends the project to a dock. Nothing is deleted there.
///
/// # Errors
/// Fails if the version file cannot be written, or if rsync fails.
pub(crate) fn sync_up(
    docks: &Docks,
    dock: &Dock,
    project: &Project,
    control: Option<&ControlSocket>,
    runner: &Runner,
) -> Result {
    write_version_file(project, runner)?;
    Ok(sync_with(docks, dock, project, control)?.up(false, runner)?)
}
