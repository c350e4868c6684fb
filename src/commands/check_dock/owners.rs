//! Files of root in what a project mounts, and the image by which they can be given back.

use std::path::PathBuf;
use std::time::Duration;

use chrono::Local;
use dockerutils_check::{ForeignFiles, MachineFacts, files_of_root};
use dockerutils_command::{Command, Runner};
use dockerutils_docker::{ImageLookup, RunOptions, look_up_image, run};
use dockerutils_oci::Reference;
use dockerutils_project::{Project, User, Workspace};

use crate::Result;

/// How long docker may take to look an image up.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Finds files of root in what the images of a project mount. For root itself they are its own.
pub(super) fn local(project: &Project) -> ForeignFiles {
    let owner = User::uid_gid();
    let Some(user) = id_of(&owner).filter(|user| *user != 0) else { return ForeignFiles::default() };
    let images = mounting_images(project, None);
    let mounts: Vec<PathBuf> = mounts(&images).iter().map(PathBuf::from).collect();
    let (mounts, files) = files_of_root(&mounts, user);
    let is_present = |image: &&Reference| look_up_image(image) == ImageLookup::Present;
    let image = if files.is_empty() { None } else { images.iter().map(|(image, _)| image).find(is_present) };
    let text = |paths: Vec<PathBuf>| paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    ForeignFiles { mounts: text(mounts), files: text(files), owner, image: image.map(ToString::to_string) }
}

/// Returns the same for a dock, on which the script has found the files. `host` leads docker to its engine.
///
/// # Errors
/// Fails if a signal interrupted us.
pub(super) fn on_dock(
    project: &Project,
    workspace: &Workspace,
    machine: &MachineFacts,
    host: Option<&str>,
    runner: &Runner,
) -> Result<ForeignFiles> {
    let owner = machine.ids().to_owned();
    let (mounts, files) = machine.files_of_root();
    if files.is_empty() || id_of(&owner).is_none_or(|user| user == 0) {
        return Ok(ForeignFiles::default());
    }
    let images = mounting_images(project, Some(workspace));
    let inspect = |image: &Reference, host: &str| {
        let docker = Command::new("docker").env("DOCKER_HOST", host);
        docker.args(["image", "inspect", "--format", "{{.Id}}", &image.to_string()])
    };
    let lookups: Vec<Command> =
        host.into_iter().flat_map(|host| images.iter().map(move |(image, _)| inspect(image, host))).collect();
    let found = if lookups.is_empty() { Vec::new() } else { runner.run_parallel(&lookups, TIMEOUT)? };
    let has_image = |status: Option<std::process::ExitStatus>| status.is_some_and(|status| status.success());
    let present = images.iter().zip(found).find(|(_, output)| has_image(output.status));
    Ok(ForeignFiles { mounts, files, owner, image: present.map(|((image, _), _)| image.to_string()) })
}

/// Returns what the images of a project mount on a dock, each once.
pub(super) fn mounts_on_dock(project: &Project, workspace: &Workspace) -> Vec<String> {
    mounts(&mounting_images(project, Some(workspace)))
}

fn id_of(owner: &str) -> Option<u32> {
    owner.split(':').next()?.parse().ok()
}

fn mounts(images: &[(Reference, Vec<String>)]) -> Vec<String> {
    let mut mounts: Vec<String> = images.iter().flat_map(|(_, mounts)| mounts.clone()).collect();
    mounts.sort();
    mounts.dedup();
    mounts
}

/// Returns the images that mount something, and the host sides of their mounts, on a dock if there is a workspace.
fn mounting_images(project: &Project, workspace: Option<&Workspace>) -> Vec<(Reference, Vec<String>)> {
    let names = project.image_folders().unwrap_or_default();
    let names = names.into_iter().chain(project.config().synthetic_images());
    let mounting = names.filter_map(|name| {
        let image = project.image(&name).ok()?;
        let options = RunOptions { workspace: workspace.cloned(), ..RunOptions::default() };
        let mounts = run(&image, &options, Local::now()).ok()?.mounts;
        Some((image.reference().ok()?, mounts))
    });
    mounting.filter(|(_, mounts)| !mounts.is_empty()).collect()
}
