//! `docker rmi`.
//!
//! `docker rmi` fails for an image that does not exist, so the existing ones are listed first.

use std::collections::HashSet;

use dockerutils_command::Command;
use dockerutils_oci::Reference;
use dockerutils_project::{Image, Project};

use crate::docker_command::docker;
use crate::error::Error;
use crate::image_build::local_names;
use crate::image_listing::ListedImages;

/// Returns the names of these images and their builders; with the output of `docker image ls`, only those that exist.
///
/// # Errors
/// Fails if the output is not in the documented format, or if the name of an image is not valid.
pub fn existing_images(images: &[Image], listing: Option<&[u8]>) -> Result<Vec<String>, Error> {
    let listed = listing.map(ListedImages::parse).transpose()?;
    let mut existing = Vec::new();
    for image in images {
        let exists = |name: &Reference| listed.as_ref().is_none_or(|listed| listed.find(name).is_some());
        let names = local_names(image)?.into_iter().filter(exists).map(|name| name.to_string());
        existing.extend(names.collect::<Vec<_>>());
    }
    // An image may be named twice.
    let mut seen = HashSet::new();
    existing.retain(|name| seen.insert(name.clone()));
    Ok(existing)
}

/// Returns the command that removes images by name or ID.
pub fn remove_images<'a>(images: impl IntoIterator<Item = &'a str>) -> Command {
    Command::new("docker").arg("rmi").args(images)
}

/// Returns whether a line of docker is about an image or container that does not exist any more, or that is being removed.
pub fn is_gone_already(line: &str) -> bool {
    let line = line.to_lowercase();
    ["no such image", "no such container", "is already in progress"].iter().any(|words| line.contains(words))
}

/// Returns the command that prints the IDs of the images that have all of these labels, `NAME=VALUE` each.
pub fn list_labelled_images(labels: &[String]) -> Command {
    let filters = labels.iter().flat_map(|label| ["--filter".to_owned(), format!("label={label}")]);
    Command::new("docker").args(["image", "ls", "--quiet", "--no-trunc"]).args(filters)
}

/// Returns the command that removes build cache that matches a filter of BuildKit and that no image needs.
pub fn prune_build_cache(filter: &str) -> Command {
    Command::new("docker").args(["builder", "prune", "--force", "--filter", filter])
}

/// Returns the command that removes images by ID, also if containers of them that have ended are left.
pub fn remove_images_by_force<S: AsRef<str>>(ids: &[S]) -> Command {
    Command::new("docker").args(["rmi", "--force"]).args(ids.iter().map(AsRef::as_ref))
}

/// Returns the command that removes images by name.
pub fn remove(project: &Project, names: &[String]) -> Command {
    docker(project).arg("rmi").args(names)
}
