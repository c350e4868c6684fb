//! Images from registries that the configuration names: pulled, and other tags of their repositories removed.

use dockerutils_command::{Pipes, Runner};
use dockerutils_docker::{StoredImage, existing_images, inspect_ids, pull as docker_pull};
use dockerutils_oci::Reference;
use dockerutils_project::{Kind, Project};

use super::found::Found;
use super::plan::{Item, ItemKind};
use crate::Result;
use crate::docker_calls::note_remedy;

/// Pulls what the configuration names.
///
/// # Errors
/// Fails if an image cannot be pulled.
pub(super) fn pull(images: &[String], project: &Project, runner: &Runner) -> Result {
    for (_, reference) in configured(images, project)? {
        runner.run_stdout_to_stderr(&docker_pull(&reference)).inspect_err(note_remedy)?;
    }
    Ok(())
}

/// Returns the other tags of these repositories that no container has and that no image of this project names.
///
/// # Errors
/// Fails if an image cannot be evaluated, or if docker cannot be started.
pub(super) fn other_tags(
    images: &[String],
    project: &Project,
    found: &Found,
    gone: &[&str],
    runner: &Runner,
) -> Result<Vec<Item>> {
    let named: Vec<Reference> =
        all_configured(project)?.into_iter().map(|(_, reference)| reference).collect();
    let built = existing_images(&project.folder_images()?, None)?;
    // An image that was pulled by its digest is listed without a tag.
    let inspected = runner.start(&inspect_ids(&named), Pipes::Input)?.wait()?;
    let ids: Vec<&str> = str::from_utf8(&inspected.stdout).unwrap_or_default().lines().collect();
    let is_other = |image: &&StoredImage| {
        let is_named = named.iter().any(|reference| image.is(reference))
            || built.iter().any(|name| Reference::parse(name).is_ok_and(|name| image.is(&name)))
            || ids.contains(&image.id.as_str());
        !is_named && found.usage.containers_of(image, gone) == 0
    };
    let mut items: Vec<Item> = Vec::new();
    for (name, reference) in configured(images, project)? {
        let repository = reference.familiar().name().to_owned();
        let others =
            found.usage.images.iter().filter(|image| image.repository == repository).filter(is_other);
        items.extend(others.map(|image| Item {
            kind: ItemKind::Image,
            target: if image.is_dangling() { image.id.clone() } else { image.name() },
            id: Some(image.id.clone()),
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

fn configured(images: &[String], project: &Project) -> Result<Vec<(String, Reference)>> {
    let mut all = all_configured(project)?;
    all.retain(|(name, _)| images.is_empty() || images.contains(name));
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
