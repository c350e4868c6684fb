//! `build-image`: builds the images that a project keeps under docker/, or removes them.

pub(crate) mod builder_choice;
mod steps;

use self::steps::build_images;
use crate::dock_context::reopen;
use crate::docker_calls::{capture_docker, exec_docker};
use crate::{Result, ui};
use dockerutils_command::Runner;
use dockerutils_docker::{list_images, present, remove};
use dockerutils_project::Project;

/// Build images of the project, each from docker/IMAGE/Dockerfile
#[derive(clap::Parser)]
#[command(name = "build-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// Folders under docker/; or `all`, in FROM order; or `clean`, which removes them
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
    /// Build `base` and whatever the image starts FROM first
    #[arg(short, long, alias = "force_build_base")]
    force_build_base: bool,
    /// Call the image NAME instead of <project>-<image>
    #[arg(short, long, alias = "image_name", value_name = "NAME")]
    image_name: Option<String>,
    /// Tag the image TAG instead of the user's name
    #[arg(short = 't', long, alias = "image_tag", value_name = "TAG")]
    image_tag: Option<String>,
    /// Pull what FROM names
    #[arg(short, long, alias = "pull_base")]
    pull_base: bool,
    /// Show what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Further flags for `docker build`
    #[arg(last = true, value_name = "FLAG")]
    flags: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  build-image dev                     docker build -t proj-dev:me -f docker/dev/Dockerfile .
  build-image -f dev                  the same, what dev starts FROM first
  build-image all -- --no-cache       every image, in FROM order, nothing from the cache";

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    let runner = Runner::new(args.dry_run);
    let project = Project::find()?;
    match args.images.as_slice() {
        [only] if only == "clean" => clean(&project, &runner),
        _ => build_images(&project, args, &runner),
    }
}

/// Removes the images of the project and their builders; one that is not there is no failure.
fn clean(project: &Project, runner: &Runner) -> Result {
    let images = project.folder_images()?;
    reopen(runner)?;
    let answer = capture_docker(runner, &list_images(project))?;
    let names = present(&images, Some(answer.as_slice()).filter(|_| !runner.is_dry_run()))?;
    if names.is_empty() {
        ui::note("no image of this project is there to remove");
        return Ok(());
    }
    exec_docker(runner, &remove(project, &names))
}
