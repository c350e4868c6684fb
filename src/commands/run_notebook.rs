//! `run-notebook`: runs Jupyter in a container over the project, and opens it in the browser.

mod announcement;
mod diagnosis;
mod dock_ports;
mod error;
mod lateness;
mod launch;
mod list;
mod notebook_container;
mod port_choice;
mod reach;
mod running;
mod saved_copies;
mod startup;
mod stop;

use std::path::PathBuf;

use dockerutils_command::Runner;
use dockerutils_docker::{Gpus, pull};
use dockerutils_project::{Error as ProjectError, NotebookImage, Project};

use self::launch::Launch;
use self::reach::Reach;
use crate::commands::build_image::build_to_use;
use crate::dock_context::{DockContext, DockedEngine};
use crate::docker_calls::inspect_images;
use crate::{Error, Result, ui};

pub(super) use self::announcement::{open_browser, print_url};
pub(super) use self::port_choice::{JUPYTER, choose};

/// Run Jupyter in a container over the project, and open it in the browser
#[derive(clap::Parser)]
#[command(name = "run-notebook", version, after_help = EXAMPLES)]
pub struct Args {
    /// The notebook to open
    #[arg(value_name = "NOTEBOOK", conflicts_with_all = ["list", "stop"])]
    notebook: Option<PathBuf>,
    /// Further flags for `docker run`, in shell words
    #[arg(short, long, value_name = "FLAGS", allow_hyphen_values = true)]
    args: Option<String>,
    /// Set a variable in the container, or pass the variable NAME on; can be repeated
    #[arg(short, long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// Run with GPUs, and without docker/notebook the image of notebook_image_gpu
    #[arg(short = 'g', long, alias = "use_gpu")]
    use_gpu: bool,
    /// Run with these GPUs: `all`, or indexes as in 0,2
    #[arg(long, value_name = "LIST")]
    gpus: Option<Gpus>,
    /// The port on this machine [default: 8888, or the next free one]
    #[arg(short, long, value_name = "PORT", value_parser = ui::parse_port)]
    port: Option<u16>,
    /// Run in the background, and print the URL on standard output
    #[arg(short, long)]
    detach: bool,
    /// Start one more, although one of this project runs already
    #[arg(long)]
    new: bool,
    /// List the notebooks that run
    #[arg(short, long, conflicts_with = "stop")]
    list: bool,
    /// With --list: print URLs with their tokens
    #[arg(long, requires = "list")]
    token: bool,
    /// With --list: print JSON, with the tokens
    #[arg(long, requires = "list")]
    json: bool,
    /// End a notebook: by container, by port, `all`, or that of this project
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    stop: Option<String>,
    /// Do not build docker/notebook first
    #[arg(long)]
    no_build: bool,
    /// Do not pull the stock image first (as DOCKER_DS_DONT_PULL)
    #[arg(long)]
    no_pull: bool,
    /// While docked: neither send the project first nor fetch what has changed afterwards
    #[arg(long)]
    no_sync: bool,
    /// While docked: do not open the notebook's port on this machine, nor the browser
    #[arg(long)]
    no_forward: bool,
    /// Do not open the browser
    #[arg(long)]
    no_browser: bool,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  run-notebook                        docker/notebook, or the stock image over the working folder
  run-notebook analysis/first.ipynb   opens that notebook
  run-notebook -g --gpus 0,2          with two GPUs
  run-notebook -d                     in the background; prints the URL
  run-notebook --list                 what runs; `run-notebook` in a project opens it again
  run-notebook --stop                 ends that of this project";

/// Runs the command.
///
/// # Errors
/// Fails if the image cannot be built, pulled or run as configured, if its dock cannot be reached, or if docker fails.
pub fn run(args: &Args) -> Result {
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let project = find_project(context.is_docked())?;
    let engine = context.into_docked_engine();
    let reach = Reach::of(engine.as_ref(), args.no_forward, &runner)?;
    if args.list {
        return list::list(args, &reach, &runner);
    }
    if let Some(which) = &args.stop {
        return stop::stop(which, &project, &reach, !args.no_sync, &runner);
    }
    check_notebook(args)?;
    let launch = Launch { args, project: &project, reach: &reach, runner: &runner };
    if !args.new && launch.open_running()? {
        return Ok(());
    }
    let image = project.notebook_image(args.use_gpu || args.gpus.is_some())?;
    ui::warn_of_unknown_keys(&project, [image.image()]);
    // A port that cannot be used, or a wrong flag, must not be found after a build of minutes.
    launch.check(&image)?;
    prepare(args, &project, engine.as_ref(), &image, &runner)?;
    launch.run(&image)
}

/// Finds the project; outside of one, the working folder counts as a project without a configuration.
fn find_project(is_docked: bool) -> Result<Project> {
    match Project::find(is_docked) {
        Err(ProjectError::NoProject { from, .. }) => Ok(Project::at(from)?),
        found => Ok(found?),
    }
}

fn check_notebook(args: &Args) -> Result {
    match &args.notebook {
        Some(notebook) if !notebook.is_file() => {
            Err(Error::Usage(format!("{}: there is no such notebook", notebook.display())))
        }
        _ => Ok(()),
    }
}

/// Builds or pulls the image.
fn prepare(
    args: &Args,
    project: &Project,
    engine: Option<&DockedEngine>,
    image: &NotebookImage,
    runner: &Runner,
) -> Result {
    match image {
        NotebookImage::Built { folder, .. } if !args.no_build => {
            build_to_use(project, engine, folder, runner)
        }
        NotebookImage::Stock(stock) if pulls(args) => {
            let reference = stock.reference()?;
            // With a digest it is always the same image.
            if reference.digest().is_some()
                && inspect_images(runner, std::slice::from_ref(&reference))?[0].is_some()
            {
                return Ok(());
            }
            let Err(error) = runner.run_stdout_to_stderr(&pull(&reference)) else { return Ok(()) };
            runner.check_interrupted()?;
            match inspect_images(runner, std::slice::from_ref(&reference))?.first() {
                Some(Some(_)) => {
                    ui::warn(format_args!("{reference} was not pulled; the one that docker has is used"));
                }
                _ => {
                    return Err(error::NotebookError::NotPulled {
                        image: reference.to_string(),
                        source: error,
                    }
                    .into());
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Returns whether the stock image is pulled. The original's variable prevents it, unless it contains `pull`.
fn pulls(args: &Args) -> bool {
    let prevents =
        std::env::var("DOCKER_DS_DONT_PULL").is_ok_and(|value| !matches!(value.as_str(), "" | "pull"));
    !args.no_pull && !prevents
}
