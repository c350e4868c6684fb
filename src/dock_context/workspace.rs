//! A project and its copy on a dock.

use dockerutils_command::Runner;
use dockerutils_dock::session::{Session, ssh_through_master};
use dockerutils_dock::{Dock, Docks};
use dockerutils_project::Project;
use dockerutils_sync::{BASE, Planned, Sync, Workspace};
use dockerutils_version::uses_versioneer;

use crate::version_file::write_version_file;
use crate::{Result, ui};

/// Where a project's copy is on any dock: under its name as images have it, so that `{project}` leads there.
///
/// # Errors
/// The project has no name.
pub(crate) fn workspace_path(project: &Project) -> Result<String> {
    Ok(dockerutils_sync::workspace_path(BASE, &project.user().tag(), project.name()?))
}

/// The project's files, here and on a dock; ssh goes over the session's connection where there is one.
///
/// # Errors
/// The project has no name, or its versioneer settings are broken.
pub(crate) fn sync_with(docks: &Docks, dock: &Dock, project: &Project) -> Result<Sync> {
    let workspace = Workspace {
        dock: dock.moniker.to_string(),
        user: dock.user.to_string(),
        destination: dock.destination(),
        host: dock.address.in_url(),
        ssh: ssh_through_master(&Session::of(docks, dock), docks, dock),
        base: BASE.to_owned(),
        owner: project.user().tag(),
        project: project.name()?.to_owned(),
    };
    let version_file = uses_versioneer(project.root())?.map(|settings| settings.versionfile_source.into());
    Ok(Sync { root: project.root().to_path_buf(), workspace, folder: docks.sync_folder(dock), version_file })
}

/// Sends the project to a dock, its version file made anew; nothing is deleted there.
///
/// # Errors
/// The version cannot be told, or rsync fails.
pub(crate) fn sync_up(docks: &Docks, dock: &Dock, project: &Project, runner: &Runner) -> Result {
    write_version_file(project.root(), runner)?;
    Ok(sync_with(docks, dock, project)?.up(false, runner)?)
}

/// Lists what a sync would do, on standard output.
pub(crate) fn list(planned: impl IntoIterator<Item = Planned>) -> Result {
    for planned in planned {
        ui::print_line(planned)?;
    }
    Ok(())
}
