//! Builds the images that a project keeps under docker/.

use std::process::ExitCode;

use dockerutils::{
    Error, Result, become_docker, capture_docker, run_docker, say, warn_of_unknown_keys, write_version_file,
};
use dockerutils_command::{Command, Runner};
use dockerutils_config::Value;
use dockerutils_docker::{Build, builds, list_images, present, remove, script};
use dockerutils_project::{Error as ProjectError, Image, Kind, PipConf, Project, in_from_order};

/// Build images of the project, each from docker/IMAGE/Dockerfile
#[derive(clap::Parser)]
#[command(name = "build-image", version, after_help = EXAMPLES)]
struct Args {
    /// Folders under docker/; or `all`, in FROM order; or `clean`, which removes them
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
    /// Build `base` and whatever the image starts FROM first
    #[arg(short, long, alias = "force_build_base")]
    force_build_base: bool,
    /// Call the image NAME instead of <project>-<image>
    #[arg(short, long, alias = "image_name", value_name = "NAME")]
    image_name: Option<String>,
    /// Tag the image TAG instead of the user's name
    #[arg(short = 't', long, alias = "image_tag", value_name = "TAG")]
    image_tag: Option<String>,
    /// Pull what FROM names
    #[arg(short, long, alias = "pull_base")]
    pull_base: bool,
    /// Show what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Further flags for `docker build`
    #[arg(last = true, value_name = "FLAG")]
    flags: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  build-image dev                     docker build -t proj-dev:me -f docker/dev/Dockerfile .
  build-image -f dev                  the same, what dev starts FROM first
  build-image all -- --no-cache       every image, in FROM order, nothing from the cache";

fn main() -> ExitCode {
    dockerutils::main(|args: Args| {
        let runner = Runner::new(args.dry_run);
        let project = Project::find()?;
        if args.images == ["clean"] { clean(&project, &runner) } else { build(&project, &args, &runner) }
    })
}

/// Makes everything that is needed first, so that a mistake stops the command before anything has run.
fn build(project: &Project, args: &Args, runner: &Runner) -> Result {
    let images = selected(project, args)?;
    warn_of_unknown_keys(project, &images);
    let mut steps = Vec::new();
    for image in &images {
        steps.extend(steps_of(image, args)?);
    }
    let pip_conf = pip_conf(project, runner)?;
    write_version_file(project.root(), runner)?;
    let Some((last, before)) = steps.split_last() else { return Ok(()) };
    for step in before {
        step.run(runner)?;
    }
    match last {
        Step::Docker(command) if pip_conf.is_none() => become_docker(runner, command),
        step => step.run(runner),
    }
}

/// `pip.conf` until the end of the build; signals wait from before it is there until it is gone.
fn pip_conf(project: &Project, runner: &Runner) -> Result<Option<PipConf>> {
    if runner.is_dry_run() || !PipConf::is_wanted(project.root()) {
        return Ok(None);
    }
    runner.watch_signals().map_err(Error::Signals)?;
    Ok(PipConf::from_template(project.root())?)
}

/// The images that are meant, those that others start FROM first.
fn selected<'a>(project: &'a Project, args: &Args) -> Result<Vec<Image<'a>>> {
    let all = args.images == ["all"];
    if !all && args.images.iter().any(|name| name == "all" || name == "clean") {
        return Err(Error::Usage("`all` and `clean` stand alone, without further images".to_owned()));
    }
    if args.image_name.is_some() && (all || args.images.len() > 1) {
        return Err(Error::Usage("-i names one image, and several are to be built".to_owned()));
    }
    let images = if all {
        let images = project.folder_images()?;
        let names: Vec<String> = images.iter().map(|image| image.name.clone()).collect();
        in_from_order(images, &names.iter().map(String::as_str).collect::<Vec<_>>(), false)?
    } else {
        named(project, args)?
    };
    let tag = args.image_tag.as_deref();
    let name_of = |image: &Image| args.image_name.as_deref().filter(|_| args.images.contains(&image.name));
    Ok(images
        .into_iter()
        .map(|image| {
            let name = name_of(&image);
            image.called(name, tag)
        })
        .collect())
}

fn named<'a>(project: &'a Project, args: &Args) -> Result<Vec<Image<'a>>> {
    let mut images = Vec::new();
    for name in &args.images {
        images.push(buildable(project.image(name)?)?);
    }
    if images.len() == 1 && !args.force_build_base {
        return Ok(images);
    }
    let folders = project.folder_images()?;
    let mut wanted: Vec<&str> = args.images.iter().map(String::as_str).collect();
    if args.force_build_base && folders.iter().any(|image| image.name == "base") {
        wanted.insert(0, "base");
    }
    Ok(in_from_order(folders, &wanted, args.force_build_base)?)
}

fn buildable(image: Image) -> Result<Image> {
    match image.kind {
        Kind::Folder => Ok(image),
        Kind::Synthetic => {
            let of = image.target()?.map(|target| target.name);
            Err(ProjectError::NothingToBuild { name: image.name, of }.into())
        }
    }
}

/// One thing to run for an image.
enum Step<'a> {
    Script(&'a Value, Command),
    Docker(Command),
}

impl Step<'_> {
    fn run(&self, runner: &Runner) -> Result {
        match self {
            Step::Docker(command) => run_docker(runner, command),
            Step::Script(value, command) => runner.run(command).map_err(|source| Error::Script {
                key: value.key.clone(),
                place: value.place.clone(),
                source,
            }),
        }
    }
}

/// The script before, the builds, the script after.
fn steps_of<'a>(image: &'a Image, args: &Args) -> Result<Vec<Step<'a>>> {
    let to_step = |value: &'a Value| -> Result<Step<'a>> { Ok(Step::Script(value, script(image, value)?)) };
    let build = Build { pull: pulls(image, args)?, flags: &args.flags };
    let before = image.section.pre_build_script.as_ref().map(to_step).transpose()?;
    let after = image.section.post_build_script.as_ref().map(to_step).transpose()?;
    let builds = builds(image, &build)?.into_iter().map(Step::Docker);
    Ok(before.into_iter().chain(builds).chain(after).collect())
}

/// Whether `--pull` is wanted; an image of this project is in no registry, so what starts FROM one is left out.
fn pulls(image: &Image, args: &Args) -> Result<bool> {
    if !args.pull_base && !(args.force_build_base && image.section.pull_from_on_force) {
        return Ok(false);
    }
    let Some(own) = image.own_base(&args.flags)? else { return Ok(true) };
    if !args.force_build_base {
        say(format_args!(
            "`{}` starts FROM this project's `{own}`, which no registry has: build-image -f -p {0} pulls what that starts FROM",
            image.name
        ));
    }
    Ok(false)
}

/// Removes the images of the project and their builders; one that is not there is no failure.
fn clean(project: &Project, runner: &Runner) -> Result {
    let images = project.folder_images()?;
    let answer = capture_docker(runner, &list_images(project))?;
    let names = present(&images, Some(answer.as_slice()).filter(|_| !runner.is_dry_run()))?;
    if names.is_empty() {
        say("no image of this project is there to remove");
        return Ok(());
    }
    become_docker(runner, &remove(project, &names))
}
