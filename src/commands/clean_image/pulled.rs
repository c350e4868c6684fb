//! Images from registries that the configuration names: pulled, and other tags of their repositories removed.

use dockerutils_command::Runner;
use dockerutils_docker::{StoredImage, pull as docker_pull};
use dockerutils_oci::Reference;
use dockerutils_project::{Kind, Project};

use super::Args;
use super::found::Found;
use super::plan::{Item, ItemKind};
use crate::Result;
use crate::docker_calls::note_remedy;

/// Pulls what the configuration names.
///
/// # Errors
/// Fails if an image cannot be pulled.
pub(super) fn pull(args: &Args, project: &Project, runner: &Runner) -> Result {
    for (_, reference) in configured(args, project)? {
        runner.run_stdout_to_stderr(&docker_pull(&reference)).inspect_err(note_remedy)?;
    }
    Ok(())
}

/// Returns the other tags of these repositories that no container has and that no image of this project names.
///
/// # Errors
/// Fails if an image cannot be evaluated.
pub(super) fn other_tags(args: &Args, project: &Project, found: &Found, gone: &[&str]) -> Result<Vec<Item>> {
    let named = all_configured(project)?;
    let is_other = |image: &&StoredImage| {
        named.iter().all(|(_, reference)| !image.is(reference)) && found.usage.containers_of(image, gone) == 0
    };
    let mut items: Vec<Item> = Vec::new();
    for (name, reference) in configured(args, project)? {
        let repository = reference.familiar().name().to_owned();
        let others =
            found.usage.images.iter().filter(|image| image.repository == repository).filter(is_other);
        items.extend(others.map(|image| Item {
            kind: ItemKind::Image,
            target: if image.is_dangling() { image.id.clone() } else { image.name() },
            image: name.clone(),
            created: image.created,
            bytes: image.unique_size,
            reason: "another tag is configured",
        }));
    }
    items.sort_by(|a, b| a.target.cmp(&b.target));
    items.dedup_by(|a, b| a.target == b.target);
    Ok(items)
}

fn configured(args: &Args, project: &Project) -> Result<Vec<(String, Reference)>> {
    let mut all = all_configured(project)?;
    all.retain(|(name, _)| args.images.is_empty() || args.images.contains(name));
    Ok(all)
}

/// Returns the synthetic images with prefix=False: no build of this project makes them.
fn all_configured(project: &Project) -> Result<Vec<(String, Reference)>> {
    let mut references = Vec::new();
    for name in project.config().synthetic_images() {
        let image = project.image(&name)?;
        if image.kind == Kind::Synthetic && !image.is_local() {
            references.push((name, image.reference()?.or_latest()));
        }
    }
    Ok(references)
}
