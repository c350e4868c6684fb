//! `publish-image`: pushes images of the project to a registry.

mod destination;
#[cfg_attr(not(feature = "ecr"), path = "publish_image/ecr_unavailable.rs")]
mod ecr;
pub(crate) mod error;
mod image_repo;
mod local_images;
mod placeholders;
mod publication;
mod report;

use dockerutils_docker::ClientConfig;
use dockerutils_project::{Image, Project};

use self::destination::Destination;
use self::ecr::EcrQueries;
use self::local_images::LocalImages;
use self::publication::Publication;
use self::report::Report;
use crate::dock_context::DockContext;
use crate::{Error, Result, ui};

/// Push images of the project to the registries that docker/dockerutils.cfg names
#[derive(clap::Parser)]
#[command(name = "publish-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// Folders under docker/, or synthetic images of the configuration
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
    /// Publish the image NAME instead of `<project>-<image>`
    #[arg(short, long, alias = "image_name", value_name = "NAME")]
    image_name: Option<String>,
    /// Publish the image tagged TAG instead of the user's name
    #[arg(short = 't', long, alias = "image_tag", value_name = "TAG")]
    image_tag: Option<String>,
    /// Print what was published as JSON: reference, digest, size, account, region, pushed
    #[arg(long)]
    json: bool,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  publish-image prod                  docker tag and docker push, for each reference of publication_tag
  publish-image -t 1.1 prod           the image proj-prod:1.1, {tag} in publication_tag is 1.1
  publish-image prod > digest         repo@sha256:…, a line for each reference";

/// Checks the configuration, looks up images and tags, then tags and pushes each reference and prints its digest.
///
/// # Errors
/// Fails if the arguments or the configuration are wrong, if AWS refuses, or if a login or a push fails.
pub fn run(args: &Args) -> Result {
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let project = Project::find(context.is_docked())?;
    // Everything that can be wrong with the configuration of any image is found before the first image is pushed.
    let images = args.images(&project)?;
    ui::warn_of_unknown_keys(&project, &images);
    let destinations = destinations(&images)?;
    let queries = EcrQueries::new(&destinations)?;
    let client = ClientConfig::read();
    // A configuration that we cannot read is docker's to report.
    if let Some(client) = client.as_ref().filter(|_| !runner.is_dry_run()) {
        destinations.iter().try_for_each(|destination| destination.require_login(client))?;
    }
    context.ensure_session(&runner)?;
    // Before the echoes, which contain the stand-ins.
    if runner.is_dry_run() && destinations.iter().any(Destination::depends_on_aws) {
        ui::note(placeholders::DRY_RUN_NOTE);
    }
    let inspect = || LocalImages::inspect(&images, args.image_name.as_deref(), &runner);
    let (local_images, ecr) = queries.run_during(&runner, inspect)?;
    let mut publication = Publication::new(local_images, &queries, ecr, client.unwrap_or_default(), &runner);
    let mut report = Report::new(args.json);
    let published = publication.publish_all(&destinations, &mut report);
    if runner.is_dry_run() {
        return published;
    }
    // After a failure too: what was pushed before it is published.
    let reported = report.finish(published.is_err());
    published.and(reported)
}

impl Args {
    fn images<'a>(&self, project: &'a Project) -> Result<Vec<Image<'a>>> {
        if self.image_name.is_some() && self.images.len() > 1 {
            return Err(Error::Usage("-i names one image, but several are to be published".to_owned()));
        }
        let (name, tag) = (self.image_name.as_deref(), self.image_tag.as_deref());
        self.images.iter().map(|image| Ok(project.image(image)?.with_overrides(name, tag))).collect()
    }
}

fn destinations<'a>(images: &'a [Image<'a>]) -> Result<Vec<Destination<'a>>> {
    let mut destinations = Vec::new();
    for image in images {
        destinations.extend(Destination::all_of(image)?);
    }
    Ok(destinations)
}
