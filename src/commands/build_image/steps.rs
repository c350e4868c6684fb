//! Building images: which, in what order, and what runs around each.
//!
//! build-image is this and little more. Everything is made before anything runs, so that a mistake costs nothing.

use dockerutils_command::{Command, Runner};
use dockerutils_config::Value;
use dockerutils_docker::{Build, buildkit, builds, script};
use dockerutils_project::{Error as ProjectError, Image, Kind, PipConf, Project, in_from_order};

use super::Args;
use crate::dock_context::Docked;
use crate::docker_calls::{exec_docker, run_docker};
use crate::version_file::write_version_file;
use crate::{Error, Result, ui};

/// Builds images; the last build, where nothing is left to do after it, is become.
///
/// # Errors
/// What is wrong about the request, the project or its configuration; the failure of a build or a script.
pub(super) fn build_images(project: &Project, args: &Args, runner: &Runner) -> Result {
    let images = selected(project, args)?;
    ui::warn_of_unknown_keys(project, &images);
    let mut steps = Vec::new();
    for image in &images {
        steps.extend(steps_of(image, args)?);
    }
    if let Some(dock) = Docked::of(project)? {
        dock.ensure(runner)?;
        dock.tell_context()?;
        if steps.iter().any(Step::is_open) && dock.takes_buildkit(runner)? {
            steps = steps.into_iter().map(Step::by_buildkit).collect();
        }
    }
    let pip_conf = pip_conf(project, runner)?;
    write_version_file(project.root(), runner)?;
    let Some((last, before)) = steps.split_last() else { return Ok(()) };
    for step in before {
        step.run(runner)?;
    }
    match last {
        Step::Build { command, .. } if pip_conf.is_none() => exec_docker(runner, command),
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
        if images.is_empty() {
            return Err(
                ProjectError::NoImage { name: "all".to_owned(), nearest: None, known: Vec::new() }.into()
            );
        }
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
    Build {
        command: Command,
        /// It is one of two that send the context, and either of docker's builders would do.
        is_open: bool,
    },
}

impl Step<'_> {
    fn is_open(&self) -> bool {
        matches!(self, Step::Build { is_open: true, .. })
    }

    /// The same, with BuildKit if either builder would do.
    fn by_buildkit(self) -> Self {
        match self {
            Step::Build { command, is_open: true } => {
                Step::Build { command: buildkit::by_buildkit(command), is_open: false }
            }
            other => other,
        }
    }

    fn run(&self, runner: &Runner) -> Result {
        match self {
            Step::Build { command, .. } => run_docker(runner, command),
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
    let builds = builds(image, &build)?;
    let flags = image.build_flags(&args.flags)?;
    let is_open =
        builds.len() > 1 && buildkit::understands(&flags) && !image.dockerfile(&flags)?.may_name_frontend();
    let builds = builds.into_iter().map(|command| Step::Build { command, is_open });
    Ok(before.into_iter().chain(builds).chain(after).collect())
}

/// Whether `--pull` is wanted; an image of this project is in no registry, so what starts FROM one is left out.
fn pulls(image: &Image, args: &Args) -> Result<bool> {
    let wanted = args.pull_base || (args.force_build_base && image.section.pull_from_on_force);
    if !wanted {
        return Ok(false);
    }
    let Some(own) = image.own_base(&args.flags)? else { return Ok(true) };
    if !args.force_build_base {
        ui::note(format_args!(
            "`{}` starts FROM this project's `{own}`, which no registry has: build-image -f -p {0} pulls what that starts FROM",
            image.name
        ));
    }
    Ok(false)
}
