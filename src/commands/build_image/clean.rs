//! `build-image clean`: removes images of the project and their builders.

use dockerutils_command::Runner;
use dockerutils_docker::{Error as DockerError, existing_images, list_images, remove};
use dockerutils_project::{Image, Kind, Project};

use super::{ALL, Args};
use crate::dock_context::DockContext;
use crate::docker_calls::{capture_docker, exec_docker};
use crate::{Error, Result, ui};

/// Removes the named images, or all of them, as far as they exist; an image that does not exist is not an error.
///
/// # Errors
/// Fails if a flag has no meaning here, if there is no such image, if a name is not valid, or if docker fails.
pub(super) fn clean(project: &Project, args: &Args, context: DockContext, runner: &Runner) -> Result {
    check_flags(args)?;
    let images = images(project, args)?;
    context.ensure_session(runner)?;
    let listing = capture_docker(runner, &list_images(project))?;
    // A dry run has no listing and shows the command for all images.
    let listing = (!runner.is_dry_run()).then_some(listing.as_slice());
    let names = existing_images(&images, listing)?;
    if names.is_empty() {
        let what = if args.images.len() > 1 { "none of these images" } else { "no image of this project" };
        ui::note(format_args!("{what} exists, so there is nothing to remove"));
        return Ok(());
    }
    exec_docker(runner, &remove(project, &names))
}

fn check_flags(args: &Args) -> Result {
    let meaningless = [
        (args.force_build_base, "-f"),
        (args.pull_base, "-p"),
        (!args.flags.is_empty(), "flags of `docker build` after `--`"),
    ];
    match meaningless.iter().find(|(is_given, _)| *is_given) {
        Some((_, flag)) => Err(Error::Usage(format!("`clean` builds nothing, so it does not accept {flag}"))),
        None => Ok(()),
    }
}

fn images<'a>(project: &'a Project, args: &Args) -> Result<Vec<Image<'a>>> {
    let names = &args.images[1..];
    let images = if names.is_empty() || names == [ALL] {
        project.folder_images()?
    } else {
        names.iter().map(|name| removable(project, name)).collect::<Result<_>>()?
    };
    let with_overrides =
        |image: Image<'a>| image.with_overrides(args.image_name.as_deref(), args.image_tag.as_deref());
    Ok(images.into_iter().map(with_overrides).collect())
}

fn removable<'a>(project: &'a Project, name: &str) -> Result<Image<'a>> {
    let image = project.image(name)?;
    match image.kind {
        Kind::Folder => Ok(image),
        Kind::Synthetic => {
            let target = image.target()?.map(|target| target.name);
            Err(DockerError::NothingToRemove { name: image.name, target }.into())
        }
    }
}
