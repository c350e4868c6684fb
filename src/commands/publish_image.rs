//! `publish-image`: pushes images of the project to a registry.

mod destination;
#[cfg_attr(not(feature = "aws"), path = "publish_image/ecr_unavailable.rs")]
mod ecr;
mod publication;
mod report;

use self::publication::publish_images;
use crate::Result;
use dockerutils_command::Runner;
use dockerutils_project::Project;

/// Push images of the project to where docker/dockerutils.cfg says
#[derive(clap::Parser)]
#[command(name = "publish-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// Folders under docker/, or synthetic images of the configuration
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
    /// Publish the image NAME instead of <project>-<image>
    #[arg(short, long, alias = "image_name", value_name = "NAME")]
    image_name: Option<String>,
    /// Publish the image tagged TAG instead of the user's name
    #[arg(short = 't', long, alias = "image_tag", value_name = "TAG")]
    image_tag: Option<String>,
    /// Tell what was published as JSON: reference, digest, size, account, region, pushed
    #[arg(long)]
    json: bool,
    /// Show what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  publish-image prod                  docker tag and docker push, for each reference of publication_tag
  publish-image -t 1.1 prod           the image proj-prod:1.1, {tag} in publication_tag is 1.1
  publish-image prod > digest         repo@sha256:…, a line for each reference";

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    let runner = Runner::new(args.dry_run);
    let project = Project::find()?;
    publish_images(&project, args, &runner)
}
