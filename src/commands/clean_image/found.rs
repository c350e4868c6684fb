//! What the engine has, as far as it matters for a decision.

use dockerutils_command::Runner;
use dockerutils_docker::{
    BuildRecord, DiskUsage, EarlierBuilds, ProjectContainer, StoredImage, inspect_disk_usage, list_images,
    list_labelled_images,
};
use dockerutils_project::Project;

use crate::Result;
use crate::docker_calls::{DEBUG_LABEL, USER_LABEL, capture_docker, project_containers};

/// The engine's images and containers, and which of them are the project's.
pub(super) struct Found {
    pub(super) usage: DiskUsage,
    /// The containers of the project and the user.
    pub(super) containers: Vec<ProjectContainer>,
    /// The earlier builds of the project's images.
    pub(super) earlier: EarlierBuilds,
    /// The IDs of copies that `debug-image --last` has left, because it was killed.
    pub(super) copies: Vec<String>,
}

impl Found {
    /// Queries the engine. A dry run finds nothing.
    ///
    /// # Errors
    /// Fails if docker fails.
    pub(super) fn on_engine(project: &Project, runner: &Runner) -> Result<Self> {
        let containers = project_containers(runner, project)?;
        let labels =
            [format!("{DEBUG_LABEL}={}", project.name()?), format!("{USER_LABEL}={}", project.user().tag())];
        // What the user has made of a copy has its labels, and a name.
        let list_copies = list_labelled_images(&labels).args(["--filter", "dangling=true"]);
        let copies = capture_docker(runner, &list_copies)?;
        let usage = capture_docker(runner, &inspect_disk_usage())?;
        let mut usage = if runner.is_dry_run() { DiskUsage::default() } else { DiskUsage::parse(&usage)? };
        usage.add_names(&capture_docker(runner, &list_images(project).arg("--no-trunc"))?)?;
        Ok(Found {
            usage,
            earlier: earlier_builds(project, &containers),
            containers,
            copies: String::from_utf8_lossy(&copies).lines().map(str::to_owned).collect(),
        })
    }
}

/// Returns the images of the engine, without their sizes.
///
/// # Errors
/// Fails if docker fails.
pub(super) fn images_now(project: &Project, runner: &Runner) -> Result<Vec<StoredImage>> {
    let mut usage = DiskUsage::default();
    usage.add_names(&capture_docker(runner, &list_images(project).arg("--no-trunc"))?)?;
    Ok(usage.images)
}

/// Returns the earlier builds that are known: builds have written them down, or a container of one is left, whose name and
/// reference show which image it was.
fn earlier_builds(project: &Project, containers: &[ProjectContainer]) -> EarlierBuilds {
    let home = project.user().home.as_deref();
    let mut earlier = home.map(|home| BuildRecord::in_home(home).read()).unwrap_or_default();
    for ProjectContainer { image, container, is_of_earlier_build } in containers {
        let reference = project.image(image).ok().and_then(|image| image.reference().ok());
        if let Some(reference) = reference.filter(|_| *is_of_earlier_build) {
            earlier.entry(container.image.clone()).or_default().insert(reference.to_string());
        }
    }
    earlier
}
