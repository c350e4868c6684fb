//! `ls-image`: lists the images of the project, whether they are built, and their containers.

mod report;
mod urls;

use dockerutils_command::Command;
use dockerutils_docker::{BuildStates, ListedImages, list_images};
use dockerutils_project::Project;

use self::report::{ImageReport, reports};
use self::urls::Urls;
use crate::dock_context::DockContext;
use crate::docker_calls::{capture_docker, project_containers};
use crate::{Result, ui};

/// List the images of the project, whether they are built, and their containers
#[derive(clap::Parser)]
#[command(name = "ls-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// Images of the project [default: all]
    #[arg(value_name = "IMAGE")]
    images: Vec<String>,
    /// Print only the names of the containers that run, newest first
    #[arg(short, long, conflicts_with = "json")]
    quiet: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EnvironmentEchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  ls-image                            every image of the project and your containers
  docker logs -f $(ls-image -q dev)   -q prints names, so that docker's verbs need none of ours
  ls-image --json                     for programs: image, reference, state, containers, …";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such image, if the dock cannot be reached, if docker fails, or if standard output cannot be
/// written to.
pub fn run(args: &Args) -> Result {
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let project = Project::find(context.is_docked())?;
    let images = requested(args, &project)?;
    let engine = context.into_docked_engine();
    if let Some(engine) = &engine {
        engine.ensure_session(&runner)?;
    }
    let mut containers = project_containers(&runner, &project)?;
    containers.retain(|one| images.contains(&one.image));
    if args.quiet {
        return Ok(containers
            .iter()
            .filter(|one| one.container.is_up())
            .try_for_each(|one| ui::print_line(&one.container.name))?);
    }
    let listing = capture_docker(&runner, &listing_command(&project, &images)?)?;
    if args.dry_run {
        return Ok(());
    }
    let listed = ListedImages::parse(&listing)?;
    let states = BuildStates::of(&project, Some(&listed))?;
    let urls = Urls::of(engine.as_ref())?;
    print(args, &reports(&project, &images, &listed, &states, &containers, &urls))
}

/// Returns the command that lists the images of the engine; with their digests only if one of these is configured by its
/// digest.
fn listing_command(project: &Project, images: &[String]) -> Result<Command> {
    let references = images.iter().filter_map(|name| project.image(name).ok()?.reference().ok());
    let has_digest = references.into_iter().any(|reference| reference.digest().is_some());
    Ok(list_images(project).args(has_digest.then_some("--digests")))
}

/// Returns the names of the requested images.
fn requested(args: &Args, project: &Project) -> Result<Vec<String>> {
    if args.images.is_empty() {
        return Ok(project.image_names()?);
    }
    args.images.iter().map(|image| Ok(project.image(image)?.name)).collect()
}

fn print(args: &Args, reports: &[ImageReport]) -> Result {
    if args.json {
        return Ok(ui::print_json(&reports)?);
    }
    if reports.is_empty() {
        ui::note("the project has no image");
        return Ok(());
    }
    Ok(ui::print_line(report::table(reports))?)
}
