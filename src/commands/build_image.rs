//! `build-image`: builds the images that a project keeps under docker/, or removes them.

mod builder_choice;
mod clean;
mod docked_build;
mod dockerfile_warnings;
pub(crate) mod error;
mod steps;

use std::path::Path;

use dockerutils_command::Runner;
use dockerutils_config::PipConfSource;
use dockerutils_docker::{
    BuildPlan, BuildPlanner, BuildRecord, BuildStates, FlagFault, ImageBuild, ImageLookup, ListedImages,
    check_build_flags, list_images, look_up_image,
};
use dockerutils_oci::Reference;
use dockerutils_project::{Image, PIP_CONF_TEMPLATE, PipConf, Project};
use dockerutils_sync::{IGNORE_FILE, Ignore, ParentMatches};

use self::clean::clean;
use self::steps::{StepMode, run_steps, steps};
use crate::dock_context::{DockContext, DockedEngine};
use crate::docker_calls::capture_docker;
use crate::version_file::write_version_file;
use crate::{Error, Result, ui};

/// The word that means every image.
const ALL: &str = "all";

/// The word that removes images instead of building them.
const CLEAN: &str = "clean";

/// Build images of the project, each from docker/IMAGE/Dockerfile
#[derive(clap::Parser)]
#[command(name = "build-image", version, after_help = EXAMPLES)]
pub struct Args {
    /// Folders under docker/; `all` builds every image, bases first; `clean [IMAGE…]` removes them
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
    /// First build `base` and the other images that the image starts FROM
    #[arg(short, long, alias = "force_build_base")]
    force_build_base: bool,
    /// Call the image NAME, or NAME:TAG, instead of `<project>-<image>`
    #[arg(short, long, alias = "image_name", value_name = "NAME")]
    image_name: Option<String>,
    /// Tag the image TAG instead of the user's name
    #[arg(short = 't', long, alias = "image_tag", value_name = "TAG")]
    image_tag: Option<String>,
    /// Pull the images that the Dockerfile's FROM names
    #[arg(short, long, alias = "pull_base")]
    pull_base: bool,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
    /// Further flags for `docker build`
    #[arg(last = true, value_name = "FLAG")]
    flags: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  build-image dev                     docker build -t proj-dev:me -f docker/dev/Dockerfile .
  build-image -f dev                  first the images that dev starts FROM, then dev
  build-image all -- --no-cache       every image, bases first, without the cache
  build-image -t 1.0 clean dev        docker rmi proj-dev:1.0";

/// Runs the command.
///
/// # Errors
/// Fails if a requested image cannot be built as configured, or if a script or docker fails.
pub fn run(args: &Args) -> Result {
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let project = Project::find(context.is_docked())?;
    check_names(&project, args)?;
    if args.images.first().is_some_and(|first| first == CLEAN) {
        return clean(&project, args, context, &runner);
    }
    check_flags(&args.flags)?;
    let plan = plan(&project, args)?;
    ui::warn_of_unknown_keys(&project, plan.builds.iter().map(ImageBuild::image));
    note_bases_that_are_not_pulled(&plan, args);
    note_missing_bases(&project, &plan, &runner)?;
    warn_of_secret_args(&plan);
    plan.builds.iter().for_each(dockerfile_warnings::warn_of_dockerfile);
    build(&project, context.into_docked_engine().as_ref(), &plan, StepMode::BecomeDocker, &runner)
}

/// Builds an image for a command that uses it, as `build-image -f IMAGE` does. Docker's output goes to standard error.
///
/// # Errors
/// Fails as the command does.
pub(crate) fn build_to_use(
    project: &Project,
    engine: Option<&DockedEngine>,
    image: &str,
    runner: &Runner,
) -> Result {
    let mut planner = BuildPlanner::new(project, &[]);
    planner.include_bases();
    prepare(project, engine, &planner.plan(&[image.to_owned()], None)?, runner)
}

/// Builds an image for a command that uses it, and the images that it needs, as far as they are missing or outdated.
///
/// # Errors
/// Fails as the command does.
pub(crate) fn build_outdated(
    project: &Project,
    engine: Option<&DockedEngine>,
    image: &Image,
    runner: &Runner,
) -> Result {
    let Some(folder) = image.built_from()? else {
        ui::note(format_args!("`{}` is not built from a folder of this project", image.name));
        return Ok(());
    };
    engine.map_or(Ok(()), |engine| engine.ensure_session(runner).map(|_| ()))?;
    let listing = capture_docker(runner, &list_images(project))?;
    // A dry run has no listing and shows every build.
    let listed = if runner.is_dry_run() { None } else { Some(ListedImages::parse(&listing)?) };
    let folders = BuildStates::of(project, listed.as_ref())?.to_build(&folder);
    if folders.is_empty() {
        return Ok(());
    }
    // A synthetic image may have the name of a folder.
    let folders: Vec<String> = folders.iter().map(|folder| format!("docker/{folder}")).collect();
    prepare(project, engine, &BuildPlanner::new(project, &[]).plan(&folders, None)?, runner)
}

fn prepare(project: &Project, engine: Option<&DockedEngine>, plan: &BuildPlan, runner: &Runner) -> Result {
    warn_of_secret_args(plan);
    plan.builds.iter().for_each(dockerfile_warnings::warn_of_dockerfile);
    build(project, engine, plan, StepMode::Prepare, runner)
}

/// Fails unless `all` is alone, `clean` comes first, neither is also a folder, and `-i` names a single image.
fn check_names(project: &Project, args: &Args) -> Result {
    let folders = project.image_folders()?;
    if let Some(word) = [ALL, CLEAN].iter().find(|word| args.images.iter().any(|name| name == *word))
        && folders.iter().any(|folder| folder == word)
    {
        return Err(Error::Usage(ambiguous(word, &folders)));
    }
    let is_clean = args.images.first().is_some_and(|first| first == CLEAN);
    let images = &args.images[usize::from(is_clean)..];
    let refused = if images.iter().any(|name| name == CLEAN) {
        "`clean` comes first: build-image clean IMAGE…"
    } else if images.len() > 1 && images.iter().any(|name| name == ALL) {
        "`all` cannot be combined with other images"
    } else if args.image_name.is_none() || (images.len() == 1 && images != [ALL]) {
        return Ok(());
    } else if is_clean {
        "-i names a single image: build-image -i NAME clean IMAGE"
    } else {
        "-i names a single image, but several are to be built"
    };
    Err(Error::Usage(refused.to_owned()))
}

/// Fails if docker would take a word after `--` for the context, which would be a second one, or if a flag has no value.
fn check_flags(flags: &[String]) -> Result {
    check_build_flags(flags).map_err(|fault| {
        let remedy = match &fault {
            FlagFault::NotAFlag { word, .. } => {
                format!(": leave `{word}` out, because the context is always the project's root")
            }
            FlagFault::NoValue { .. } => String::new(),
        };
        Error::Usage(format!("after `--`: {fault}{remedy}"))
    })
}

/// Returns the message for a word of the command line that is also the name of a folder.
fn ambiguous(word: &str, folders: &[String]) -> String {
    let instead = if word == ALL {
        let names: Vec<String> = folders
            .iter()
            .map(|name| if name == ALL { format!("docker/{name}") } else { name.clone() })
            .collect();
        format!("`build-image {}` builds every image", names.join(" "))
    } else {
        format!("rename that folder to remove images with `{word}`")
    };
    format!(
        "`{word}` is ambiguous, because docker/{word} is an image: `build-image docker/{word}` builds it; {instead}"
    )
}

fn plan<'a>(project: &'a Project, args: &'a Args) -> Result<BuildPlan<'a>> {
    let mut planner = BuildPlanner::new(project, &args.flags);
    if let Some(tag) = &args.image_tag {
        planner.tag(tag);
    }
    if args.pull_base {
        planner.pull();
    }
    if args.force_build_base {
        planner.include_bases();
    }
    if args.images == [ALL] {
        return Ok(planner.plan_all()?);
    }
    Ok(planner.plan(&args.images, args.image_name.as_deref())?)
}

/// Warns once that the values of build arguments stay in the image, if some of them are secrets.
fn warn_of_secret_args(plan: &BuildPlan) {
    let mut names: Vec<String> = plan.builds.iter().flat_map(ImageBuild::secret_args).collect();
    names.sort();
    names.dedup();
    if let Some(first) = names.first() {
        ui::warn(format_args!(
            "the value of --build-arg {} stays in the image, where `docker history` shows it: use `--secret id={first},env={first}` \
             and, in the Dockerfile, RUN --mount=type=secret,id={first} (or write not_secret={first})",
            names.join(", ")
        ));
    }
}

/// Names the images of this project that the plan starts FROM and does not build, if docker does not have them under the name
/// that they are built with. Docker would look for them in a registry.
fn note_missing_bases(project: &Project, plan: &BuildPlan, runner: &Runner) -> Result {
    for build in plan.builds.iter().filter(|_| !runner.is_dry_run()) {
        let Some(base) = build.project_base() else { continue };
        if plan.builds.iter().any(|other| other.image().name == base) {
            continue;
        }
        let reference = project.image(base)?.reference()?;
        if look_up_image(&reference) == ImageLookup::Missing {
            ui::note(format_args!(
                "`{0}` starts FROM `{base}`, and docker has no image {reference}: `build-image -f {0}` builds it first",
                build.image().name
            ));
        }
    }
    Ok(())
}

/// Explains why `-p` does not pull a base of this project. With `-f` the base is built, and pulls what it starts FROM.
fn note_bases_that_are_not_pulled(plan: &BuildPlan, args: &Args) {
    if !args.pull_base || args.force_build_base {
        return;
    }
    for build in &plan.builds {
        if let Some(base) = build.project_base() {
            ui::note(format_args!(
                "`{0}` starts FROM `{base}`, an image of this project that no registry has: `build-image -f -p {0}` builds \
                 `{base}` first and pulls the image that it starts FROM",
                build.image().name
            ));
        }
    }
}

/// Builds the images of a plan. Everything is evaluated before anything runs.
fn build(
    project: &Project,
    engine: Option<&DockedEngine>,
    plan: &BuildPlan,
    mode: StepMode,
    runner: &Runner,
) -> Result {
    check_ignore_files(project, plan)?;
    let mut steps = steps(plan)?;
    if let Some(engine) = engine {
        steps = docked_build::prepare(steps, project, engine, runner)?;
    }
    let pip_conf = pip_conf(project, plan, runner)?;
    write_version_file(project, runner)?;
    record_replaced_images(project, plan, runner);
    // If a pip.conf has to be removed afterwards, docker cannot take the place of this process.
    let becomes_docker = mode == StepMode::BecomeDocker && pip_conf.is_none();
    let mode = if becomes_docker || mode == StepMode::Prepare { mode } else { StepMode::Wait };
    run_steps(&steps, mode, runner)
}

/// Checks the ignore files that docker reads: that of the project, and those beside Dockerfiles.
fn check_ignore_files(project: &Project, plan: &BuildPlan) -> Result {
    Ignore::check_file(&project.root().join(IGNORE_FILE))?;
    for build in &plan.builds {
        // https://docs.docker.com/build/concepts/context/#filename-and-location
        let file = format!("{}{IGNORE_FILE}", build.dockerfile_path());
        Ignore::check_file(&project.root().join(file))?;
    }
    Ok(())
}

/// Writes down which images the builds replace, so that `clean-image` knows them.
fn record_replaced_images(project: &Project, plan: &BuildPlan, runner: &Runner) {
    let Some(home) = project.user().home.as_deref().filter(|_| !runner.is_dry_run()) else { return };
    let names: Vec<Reference> = plan.builds.iter().flat_map(ImageBuild::names).collect();
    if let Err(error) = BuildRecord::in_home(home).add(&names) {
        ui::warn(format_args!("`clean-image` will not find the images that are replaced: {error}"));
    }
}

/// Creates the temporary `pip.conf` if the project has a template for it, and an image gets it as a file.
fn pip_conf(project: &Project, plan: &BuildPlan, runner: &Runner) -> Result<Option<PipConf>> {
    let gets = |source| plan.builds.iter().any(|build| build.pip_conf() == source);
    if gets(PipConfSource::Secret) {
        warn_of_template_in_context(project)?;
    }
    if runner.is_dry_run() || !PipConf::is_wanted(project.root()) {
        return Ok(None);
    }
    if !gets(PipConfSource::File) {
        PipConf::remove_left_behind(project.root())?;
        return Ok(None);
    }
    // From before the file exists until it is removed, a signal must not end the process.
    runner.watch_signals()?;
    let pip_conf = PipConf::from_template(project.root())?;
    if pip_conf.is_none() && PipConf::has_template(project.root()) {
        ui::note(format_args!("pip.conf is your own and is used as it is, in place of {PIP_CONF_TEMPLATE}"));
    }
    Ok(pip_conf)
}

/// Warns if the template, which a build gets as a secret, can be copied into the image all the same.
fn warn_of_template_in_context(project: &Project) -> Result {
    let template = Path::new(PIP_CONF_TEMPLATE);
    if !Ignore::of_project(project.root())?.evaluate(template, &ParentMatches::default()).is_excluded {
        ui::warn(format_args!(
            "{PIP_CONF_TEMPLATE} is in the context of the build, so `COPY . .` puts its password into the image: list it in .dockerignore"
        ));
    }
    Ok(())
}
