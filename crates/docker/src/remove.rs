//! `docker image ls` and `docker rmi`.
//!
//! `docker rmi` fails for an image that does not exist, so the existing ones are listed first.

use std::collections::HashSet;

use dockerutils_command::Command;
use dockerutils_oci::Reference;
use dockerutils_project::{Image, Project};
use serde::Deserialize;

use crate::docker_command::docker;
use crate::error::Error;
use crate::image_build::local_names;

/// A line of `docker image ls`. Podman writes the keys in lower case.
#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "Repository", alias = "repository")]
    repository: String,
    #[serde(rename = "Tag", alias = "tag")]
    tag: String,
}

/// Returns the command that lists the images of the engine.
pub fn list_images(project: &Project) -> Command {
    docker(project).args(["image", "ls", "--format", "{{json .}}"])
}

/// Returns the names of these images and their builders; with the output of [`list_images`], only those that exist.
///
/// # Errors
/// Fails if the output is not in the documented format, or if the name of an image is not valid.
pub fn existing_images(images: &[Image], listing: Option<&[u8]>) -> Result<Vec<String>, Error> {
    let listed = listing.map(listed_names).transpose()?;
    let mut existing = Vec::new();
    for image in images {
        // `docker image ls` leaves out what docker adds to a name, and podman adds a host to a name without one.
        let exists = |name: &Reference| {
            let (listed_name, name) = (name.familiar().to_string(), name.to_string());
            listed.as_ref().is_none_or(|listed| {
                [&listed_name, &name, &format!("localhost/{name}")].iter().any(|name| listed.contains(*name))
            })
        };
        let names = local_names(image)?.into_iter().filter(exists).map(|name| name.to_string());
        existing.extend(names.collect::<Vec<_>>());
    }
    // An image may be named twice.
    let mut seen = HashSet::new();
    existing.retain(|name| seen.insert(name.clone()));
    Ok(existing)
}

/// Returns the command that removes images by name.
pub fn remove(project: &Project, names: &[String]) -> Command {
    docker(project).arg("rmi").args(names)
}

fn listed_names(listing: &[u8]) -> Result<HashSet<String>, Error> {
    // Docker prints one JSON object per line, not an array.
    let listed = serde_json::Deserializer::from_slice(listing).into_iter::<Listed>();
    listed.map(|image| Ok(image.map(|image| format!("{}:{}", image.repository, image.tag))?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_in_another_format_is_an_error() {
        let listing = b"{\"Repository\":\"a\",\"Tag\":\"b\",\"Size\":\"1MB\"}\n{\"Repository\":\"<none>\",\"Tag\":\"<none>\"}\n";
        let names = ["a:b", "<none>:<none>"].map(str::to_owned);
        assert_eq!(listed_names(listing).unwrap(), HashSet::from(names));
        assert!(listed_names(b"REPOSITORY TAG\n").is_err());
        assert!(listed_names(b"").unwrap().is_empty());
    }
}
