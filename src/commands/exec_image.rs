//! `exec-image`: runs a shell, or another command, in the running container of an image.

mod error;

use dockerutils_docker::{ExecOptions, ProjectContainer, exec};
use dockerutils_project::Project;

use self::error::ExecError;
use crate::dock_context::DockContext;
use crate::docker_calls::{exec_docker, project_containers};
use crate::{Result, ui};

/// Run a shell, or another command, in the running container of an image
#[derive(clap::Parser)]
#[command(name = "exec-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// A folder under docker/, or a synthetic image of the configuration
    image: String,
    /// The container, if several run [default: the newest]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The user in the container: a name, or UID:GID
    #[arg(short, long, value_name = "USER")]
    user: Option<String>,
    /// Set a variable, or pass the variable NAME on; can be repeated
    #[arg(short, long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// The folder in the container
    #[arg(short, long, value_name = "FOLDER")]
    workdir: Option<String>,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
    /// The command to run, word by word [default: bash if the container has it, else sh]
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  exec-image dev                      a shell in the newest container of dev
  exec-image dev -- pytest -x         another command
  exec-image -u 0 dev -- apt list     as root";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such image, if none of its containers runs, if the dock cannot be reached, or if docker fails.
pub fn run(args: &Args) -> Result {
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let project = Project::find(context.is_docked())?;
    let image = project.image(&args.image)?;
    context.ensure_session(&runner)?;
    let mut containers = project_containers(&runner, &project)?;
    containers.retain(|one| one.image == image.name);
    let container = match (&args.name, args.dry_run) {
        (name, true) => name.clone().unwrap_or_else(|| announce(&image.name)),
        (Some(name), false) => named(&containers, name, &image.name)?.to_owned(),
        (None, false) => newest(&containers, &image.name)?.to_owned(),
    };
    exec_docker(&runner, &exec(&image, &container, &options(args))?)
}

/// The name of the container to run the command in.
type Chosen<'c> = std::result::Result<&'c str, ExecError>;

fn options(args: &Args) -> ExecOptions<'_> {
    ExecOptions {
        user: args.user.as_deref(),
        environment: &args.env,
        workdir: args.workdir.as_deref(),
        command: &args.command,
        has_terminal: ui::is_interactive(),
    }
}

/// Prints what a dry run cannot know, and returns what stands for the container's name.
fn announce(image: &str) -> String {
    ui::note(format_args!("NAME stands for the newest container of {image} that runs"));
    "NAME".to_owned()
}

fn named<'c>(containers: &'c [ProjectContainer], name: &str, image: &str) -> Chosen<'c> {
    match containers.iter().find(|one| one.container.name == name) {
        Some(found) if found.container.is_running() => Ok(&found.container.name),
        Some(found) => {
            Err(ExecError::Ended { name: name.to_owned(), status: found.container.status.clone() })
        }
        None => Err(ExecError::NotOfImage { name: name.to_owned(), image: image.to_owned() }),
    }
}

/// Returns the newest container that runs, and prints which one that is if there are several.
fn newest<'c>(containers: &'c [ProjectContainer], image: &str) -> Chosen<'c> {
    let running = containers.iter().map(|one| &one.container).filter(|one| one.is_running());
    let running: Vec<&str> = running.map(|one| one.name.as_str()).collect();
    let [first, others @ ..] = &running[..] else { return Err(ExecError::none_runs(image, containers)) };
    if !others.is_empty() {
        ui::note(format_args!(
            "{first} is the newest of {} containers of {image} that run (--name chooses another: {})",
            running.len(),
            others.join(", ")
        ));
    }
    Ok(first)
}
