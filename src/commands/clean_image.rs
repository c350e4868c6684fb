//! `clean-image`: removes what builds and runs of this project's images have left, and nothing of others.

mod age;
mod error;
mod found;
mod plan;
mod pulled;
mod removal;

use chrono::TimeDelta;
use dockerutils_command::Runner;
use dockerutils_project::{Kind, Project};

use self::age::parse_age;
use self::error::CleanError;
use self::found::{Found, images_now};
use self::plan::Plan;
use crate::dock_context::DockContext;
use crate::{Result, ui};

/// Remove earlier builds of the project's images, builders whose image is gone, and what the flags name
#[derive(clap::Parser)]
#[command(name = "clean-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// Folders under docker/, or synthetic images [default: all of the project]
    #[arg(value_name = "IMAGE")]
    images: Vec<String>,
    /// Remove images that are older than AGE, such as 12h, 30d or 8w; with --containers only older containers
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    older_than: Option<TimeDelta>,
    /// Remove all builds of an image but the newest N
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    /// Remove the images tagged TAG, and their builders
    #[arg(short = 't', long, value_name = "TAG")]
    tag: Option<String>,
    /// Remove containers that have ended, too
    #[arg(long)]
    containers: bool,
    /// Remove build cache that matches a filter of BuildKit, too [default filter: until=168h]
    #[arg(long, value_name = "FILTER", num_args = 0..=1, default_missing_value = "until=168h")]
    cache: Option<String>,
    /// Pull what the configuration names with prefix=False, and remove the other tags of these repositories
    #[arg(long)]
    pull: bool,
    /// Do not ask
    #[arg(short, long)]
    force: bool,
    /// Print what is removed as JSON
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
  clean-image                         earlier builds, and builders whose image is gone
  clean-image --older-than 30d        and every image that is older
  clean-image dev --keep 2            of dev the newest build and the one before stay
  clean-image --containers --cache    and containers that have ended, and build cache of a week ago
  clean-image python --pull           docker pull python:3.12-slim; other tags of python are removed";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such image, if the user does not confirm, or if docker fails.
pub fn run(args: &Args) -> Result {
    ui::check_can_ask("-f", args.force || args.dry_run)?;
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let project = Project::find(context.is_docked())?;
    let images = requested(args, &project)?;
    check_tag(args, &project, &context)?;
    context.ensure_session(&runner)?;
    if args.pull {
        pulled::pull(&images, &project, &runner)?;
    }
    let found = Found::on_engine(&project, &runner)?;
    if runner.is_dry_run() {
        ui::note(
            "then what is removed is listed, with the bytes that it frees, and removed after a question",
        );
        return Ok(());
    }
    let mut plan = Plan::of(args, &images, &project, &found, &runner)?;
    if args.json {
        ui::print_json(&plan)?;
    }
    if plan.is_empty() {
        ui::note("nothing is left to remove");
        return Ok(());
    }
    if !args.json {
        plan.print()?;
    }
    if !args.force {
        confirm(&plan, &runner)?;
        // The question may have stood there for hours.
        plan.drop_moved_names(&images_now(&project, &runner)?);
    }
    removal::remove(&plan, &runner)
}

/// Returns the names of the requested images; fails for one that does not exist, or that has nothing to remove.
fn requested(args: &Args, project: &Project) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for name in &args.images {
        let image = project.image(name)?;
        let is_pulled = args.pull && !image.is_local();
        if image.kind == Kind::Synthetic && !args.containers && !is_pulled {
            let target = image.target()?.map(|target| target.name);
            return Err(CleanError::Synthetic { name: image.name, target }.into());
        }
        names.push(image.name);
    }
    Ok(names)
}

/// Fails for the tag of another user. The users of a dock are not known, so a tag there is confirmed, unless it is the user's
/// own or that of an image of the project.
fn check_tag(args: &Args, project: &Project, context: &DockContext) -> Result {
    let Some(tag) = args.tag.clone() else { return Ok(()) };
    if project.user().is_other_login(&tag) {
        return Err(CleanError::OtherUser { tag }.into());
    }
    if context.is_docked() && args.force && !is_of_project(&tag, project)? {
        return Err(CleanError::UnknownTag { tag }.into());
    }
    Ok(())
}

/// Returns whether builds of the project get this tag without a flag.
fn is_of_project(tag: &str, project: &Project) -> Result<bool> {
    for image in project.folder_images()? {
        if image.reference()?.tag() == Some(tag) {
            return Ok(true);
        }
    }
    Ok(tag == project.user().tag())
}

fn confirm(plan: &Plan, runner: &Runner) -> Result {
    let question = format!("remove {} and free {}? [y/N]", plan.count(), plan.freed());
    match ui::ask(question, runner)?.to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(CleanError::NotConfirmed.into()),
    }
}
