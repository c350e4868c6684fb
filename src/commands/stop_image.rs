//! `stop-image`: stops the containers of images.

use chrono::{TimeDelta, Utc};
use dockerutils_command::Runner;
use dockerutils_docker::{ContainerState, ListedContainer, ProjectContainer, remove_containers, stop};
use dockerutils_project::Project;

use crate::dock_context::DockContext;
use crate::docker_calls::{change_containers, project_containers};
use crate::{Error, Result, ui};

/// The word that means every image.
const ALL: &str = "all";

/// How long a container may take to be started after it was created.
const STARTING: TimeDelta = TimeDelta::minutes(1);

const AMBIGUOUS: &str = "`all` is ambiguous, because the project has an image of that name: `stop-image docker/all` stops its \
     containers, and the names of all images stop those of every image";

/// Stop your containers of images, side by side
#[derive(clap::Parser)]
#[command(name = "stop-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// Images of the project; `all` stops the containers of every image
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
    /// How long a container may take to end before it is killed [default: docker's, 10 seconds]
    #[arg(short, long, value_name = "SECONDS")]
    time: Option<u32>,
    /// Also remove the containers that have ended and are kept
    #[arg(long)]
    rm: bool,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  stop-image dev                      docker stop me_dev_…
  stop-image all -t 1                 every container of the project that you have started
  stop-image --rm web                 also removes those that `run-image -k web` has kept";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such image, if `all` is also the name of one, if the dock cannot be reached, or if docker fails.
pub fn run(args: &Args) -> Result {
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let project = Project::find(context.is_docked())?;
    let images = requested(&project, &args.images)?;
    context.ensure_session(&runner)?;
    let containers = containers(&runner, &project, &images, ListedContainer::is_up)?;
    if args.dry_run {
        announce(args, &images);
        return Ok(());
    }
    if !containers.is_empty() {
        change_containers(&runner, &stop(names(&containers), args.time))?;
    } else if !args.rm {
        ui::note(format_args!("no container of {} runs", images.join(", ")));
    }
    if args.rm { remove_kept(&runner, &project, &images, &containers) } else { Ok(()) }
}

/// Returns the names of the requested images.
fn requested(project: &Project, images: &[String]) -> Result<Vec<String>> {
    if images.iter().any(|image| image == ALL) {
        let names = project.image_names()?;
        if names.iter().any(|name| name == ALL) {
            return Err(Error::Usage(AMBIGUOUS.to_owned()));
        }
        return Ok(names);
    }
    images.iter().map(|image| Ok(project.image(image)?.name)).collect()
}

/// Prints what a dry run cannot know: the names of the containers.
fn announce(args: &Args, images: &[String]) {
    let images = images.join(", ");
    ui::note(format_args!("then `{}` stops what runs of {images}", stop(["NAME"], args.time).to_shell()));
    if args.rm {
        ui::note(format_args!("then `{}` removes what is kept", remove_containers(["NAME"]).to_shell()));
    }
}

/// Removes the containers that have ended. They are listed anew: those that docker removes by itself are gone by now.
fn remove_kept(
    runner: &Runner,
    project: &Project,
    images: &[String],
    stopped: &[ProjectContainer],
) -> Result {
    // For a moment after `docker stop`, Docker 26 still lists a container as running.
    let has_ended =
        |listed: &ListedContainer| is_over(listed) || stopped.iter().any(|one| one.container.id == listed.id);
    let containers = containers(runner, project, images, has_ended)?;
    if containers.is_empty() {
        ui::note(format_args!("no container of {} is left", images.join(", ")));
        return Ok(());
    }
    change_containers(runner, &remove_containers(names(&containers)))
}

/// Returns whether a container does not run any more. One that has just been created is about to be started.
fn is_over(listed: &ListedContainer) -> bool {
    let is_new = Utc::now() - listed.created.to_utc() < STARTING;
    match listed.state {
        ContainerState::Exited | ContainerState::Dead => true,
        ContainerState::Created => !is_new,
        _ => false,
    }
}

fn containers(
    runner: &Runner,
    project: &Project,
    images: &[String],
    is_wanted: impl Fn(&ListedContainer) -> bool,
) -> Result<Vec<ProjectContainer>> {
    let mut containers = project_containers(runner, project)?;
    containers.retain(|one| images.contains(&one.image) && is_wanted(&one.container));
    Ok(containers)
}

fn names(containers: &[ProjectContainer]) -> impl Iterator<Item = &str> {
    containers.iter().map(|one| one.container.name.as_str())
}
