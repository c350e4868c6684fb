//! `run-image`: runs an image of the project with the mounts, ports and variables of its configuration.

mod kept_container;

use dockerutils_config::split_words;
use dockerutils_docker::{self as docker, Gpus, RunOptions};
use dockerutils_project::{Image, Project};

use self::kept_container::remove_unless_failed;
use crate::commands::build_image::build_outdated;
use crate::dock_context::{DockContext, DockedRunOptions, RunPlace};
use crate::{Error, Result, ui};

/// Run an image of the project as configured in docker/dockerutils.cfg
#[derive(clap::Parser)]
#[command(name = "run-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// A folder under docker/, or a synthetic image of the configuration
    image: String,
    /// Further flags for `docker run`, in shell words
    #[arg(short, long, value_name = "FLAGS", allow_hyphen_values = true)]
    args: Option<String>,
    /// The command to run in the container, in shell words
    #[arg(short, long, value_name = "COMMAND", allow_hyphen_values = true)]
    command: Option<String>,
    /// Set a variable in the container, or pass the variable NAME on; can be repeated
    #[arg(short, long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// First build the image, and those that it starts FROM, as far as they are missing or outdated
    #[arg(short, long, conflicts_with_all = ["image_name", "image_tag"])]
    build: bool,
    /// Run with GPUs
    #[arg(short = 'g', long, alias = "use_gpu")]
    use_gpu: bool,
    /// Run with these GPUs: `all`, or indexes as in 0,2
    #[arg(long, value_name = "LIST")]
    gpus: Option<Gpus>,
    /// Run the image NAME, or NAME:TAG, instead of `<project>-<image>`
    #[arg(short, long, alias = "image_name", value_name = "NAME")]
    image_name: Option<String>,
    /// Run the image tagged TAG instead of the user's name
    #[arg(short = 't', long, alias = "image_tag", value_name = "TAG")]
    image_tag: Option<String>,
    /// Keep the container afterwards, and run it in the background
    #[arg(short, long)]
    keep: bool,
    /// Remove the container only if it succeeds, so that `debug-image --last` finds one that has failed
    #[arg(long, conflicts_with = "keep")]
    keep_failed: bool,
    /// Connect the container to this network
    #[arg(short, long)]
    network: Option<String>,
    /// While docked: do not send the project to the dock first
    #[arg(long)]
    no_sync: bool,
    /// While docked: do not open the container's ports on this machine
    #[arg(long)]
    no_forward: bool,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
    /// The command to run in the container, word by word
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "command")]
    command_words: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  run-image dev                       docker run --init --name me_dev_… --rm -it … proj-dev:me
  run-image dev -c 'pytest -x'        another command
  run-image dev -- pytest -k 'a or b' the same, word by word
  run-image -b dev                    builds what is missing or outdated first
  run-image -g tensorflow             with all GPUs; with --gpus 0,2 only these two
  run-image -k web -a '-p 8080:80'    in the background, not removed, with another port";

/// Runs the command.
///
/// # Errors
/// Fails if the image cannot be run as configured, if its dock cannot be reached, or if docker fails.
pub fn run(args: &Args) -> Result {
    ui::refuse_terminal_flags(std::env::args().skip(1))?;
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let project = Project::find(context.is_docked())?;
    let image = project.image(&args.image)?;
    let image = image.with_overrides(args.image_name.as_deref(), args.image_tag.as_deref());
    ui::warn_of_unknown_keys(&project, [&image]);
    let place = RunPlace::of(context, &project, &image, &runner)?;
    let container = docker::run(&image, &options(args, &image, &place)?, chrono::Local::now())?;
    // A mistake in the configuration must not be found after a build of minutes.
    if args.build {
        build_outdated(&project, place.dock(), &image, &runner)?;
    }
    let ended = place.run(&container, &project, docked_options(args), &runner);
    if container.is_awaited {
        return remove_unless_failed(ended, &container, &args.image, &runner);
    }
    ended
}

fn options<'a>(args: &'a Args, image: &Image, place: &RunPlace) -> Result<RunOptions<'a>> {
    Ok(RunOptions {
        keep: args.keep,
        keep_failed: args.keep_failed || image.section.keep_failed,
        command: command(args)?,
        network: args.network.as_deref(),
        environment: &args.env,
        flags: args.args.as_deref().map_or(Ok(Vec::new()), further_flags)?,
        use_gpu: args.use_gpu,
        gpus: args.gpus.as_ref(),
        has_terminal: ui::is_interactive(),
        tag: args.image_tag.as_deref(),
        workspace: place.workspace.clone(),
        host_user: place.owner.clone(),
        ..RunOptions::default()
    })
}

/// Returns the command of the command line; `None` if it has none.
fn command(args: &Args) -> Result<Option<Vec<String>>> {
    match &args.command {
        Some(text) => Ok(Some(words("-c", text)?)),
        None if args.command_words.is_empty() => Ok(None),
        None => Ok(Some(args.command_words.clone())),
    }
}

fn docked_options(args: &Args) -> DockedRunOptions {
    DockedRunOptions { sync: !args.no_sync, forward: !args.no_forward }
}

/// Splits the value of `-a` and checks that docker takes each word for a flag.
pub(crate) fn further_flags(text: &str) -> Result<Vec<String>> {
    let flags = words("-a", text)?;
    docker::check_run_flags(&flags).map_err(|fault| Error::Usage(format!("-a: {fault}")))?;
    Ok(flags)
}

/// Splits the value of a flag into shell words. Nothing is replaced in them: the user's shell has done that already.
fn words(flag: &str, text: &str) -> Result<Vec<String>> {
    split_words(text).ok_or_else(|| Error::Usage(format!("{flag}: a quote in `{text}` is never closed")))
}
