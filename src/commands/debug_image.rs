//! `debug-image`: opens a shell in an image as configured, or finds out what a container has died of.

mod busybox;
mod copy;
mod error;
mod last;
mod report;
mod shell;

use dockerutils_docker::Gpus;
use dockerutils_project::Project;

use crate::dock_context::DockContext;
use crate::{Result, ui};

/// Open a shell in an image as configured, or find out what a container has died of
#[derive(clap::Parser)]
#[command(name = "debug-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// A folder under docker/, or a synthetic image; with --last any image of the project if left out
    #[arg(required_unless_present = "last")]
    image: Option<String>,
    /// Print what the container that was started last, and has ended, died of; open a shell in a copy of its files
    #[arg(short, long)]
    last: bool,
    /// With --last: print JSON, and open no shell
    #[arg(long, requires = "last")]
    json: bool,
    /// Further flags for `docker run`, in shell words
    #[arg(short, long, value_name = "FLAGS", allow_hyphen_values = true, conflicts_with = "last")]
    args: Option<String>,
    /// Set a variable in the container, or pass the variable NAME on; can be repeated
    #[arg(short, long, value_name = "NAME=VALUE", conflicts_with = "last")]
    env: Vec<String>,
    /// Run with GPUs
    #[arg(short = 'g', long, conflicts_with = "last")]
    use_gpu: bool,
    /// Run with these GPUs: `all`, or indexes as in 0,2
    #[arg(long, value_name = "LIST", conflicts_with = "last")]
    gpus: Option<Gpus>,
    /// Debug the image tagged TAG instead of the user's name
    #[arg(short = 't', long, value_name = "TAG", conflicts_with = "last")]
    image_tag: Option<String>,
    /// Connect the container to this network
    #[arg(short, long, conflicts_with = "last")]
    network: Option<String>,
    /// Mount a static busybox of the engine's machine and use its shell, for an image that has none
    #[arg(long)]
    busybox: bool,
    /// While docked: do not send the project to the dock first
    #[arg(long, conflicts_with = "last")]
    no_sync: bool,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  debug-image dev           a shell with the mounts, variables and network of dev, and no entrypoint
  debug-image -g train      the same with GPUs
  run-image --keep-failed dev
  debug-image --last dev    what the last container of dev died of, then a shell in a copy of its files
  debug-image --last --json the same of any image of the project, for a script";

/// Runs the command.
///
/// # Errors
/// Fails if the image cannot be run as configured, if no container has ended, or if docker fails.
pub fn run(args: &Args) -> Result {
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let project = Project::find(context.is_docked())?;
    match &args.image {
        Some(image) if !args.last => shell::open(image, args, &project, context, &runner),
        image => last::examine(image.as_deref(), args, &project, context, &runner),
    }
}
