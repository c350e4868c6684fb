//! `build-image clean`: removes the images of the project and their builders.

use dockerutils_command::Runner;
use dockerutils_docker::{existing_images, list_images, remove};
use dockerutils_project::Project;

use crate::dock_context::DockContext;
use crate::docker_calls::{capture_docker, exec_docker};
use crate::{Result, ui};

/// Removes the images that exist; an image that does not exist is not an error.
///
/// # Errors
/// Fails if the name of an image is not valid, or if docker fails.
pub(super) fn clean(project: &Project, context: DockContext, runner: &Runner) -> Result {
    let images = project.folder_images()?;
    context.ensure_session(runner)?;
    let listing = capture_docker(runner, &list_images(project))?;
    // A dry run has no listing and shows the command for all images.
    let listing = (!runner.is_dry_run()).then_some(listing.as_slice());
    let names = existing_images(&images, listing)?;
    if names.is_empty() {
        ui::note("no image of this project exists, so there is nothing to remove");
        return Ok(());
    }
    exec_docker(runner, &remove(project, &names))
}
