//! `docker image inspect`: which images the engine has under some references.

use dockerutils_command::{Command, Pipes, Runner, printable};
use dockerutils_oci::{Digest, Platform, Reference};
use serde::Deserialize;

use super::error::Error;
use crate::image::{Image, Layer};

const INSPECT: &str = "docker image inspect";

/// An image as `docker image inspect` prints it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: Digest,
    repo_tags: Option<Vec<String>>,
    os: String,
    architecture: String,
    #[serde(default)]
    size: u64,
    #[serde(rename = "RootFS")]
    root_fs: RootFs,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RootFs {
    /// `None` for an image without layers.
    layers: Option<Vec<Digest>>,
}

/// Looks up the images of these references with a single call of docker.
pub(super) fn images(docker: &Command, references: &[String], runner: &Runner) -> Result<Vec<Image>, Error> {
    // After `--`, docker does not take a reference that begins with `-` for an option.
    let command = docker.clone().args(["image", "inspect", "--"]).args(references);
    let ended = runner.start(&command, Pipes::Input)?.wait()?;
    // An interrupted docker fails too, and the signal is the reason then.
    runner.check_interrupted()?;
    if !ended.status.success() {
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let missing = stderr.lines().find_map(missing_image).map(|name| requested_name(name, references));
        return Err(missing.map_or_else(
            || Error::Docker { command: INSPECT, message: ended.last_stderr_line() },
            Error::NoImage,
        ));
    }
    let inspected: Vec<Inspected> = serde_json::from_slice(&ended.stdout)
        .map_err(|source| Error::UnexpectedOutput { command: INSPECT, source })?;
    let mut images: Vec<Image> = Vec::new();
    // Docker prints the images in the order of the references, an image with two of them twice.
    for (inspected, reference) in inspected.into_iter().zip(references) {
        let tag = tag_of(reference, &inspected);
        let index = images.iter().position(|image| image.id == inspected.id).unwrap_or_else(|| {
            images.push(image(inspected));
            images.len() - 1
        });
        let references = &mut images[index].references;
        references.extend(tag.filter(|tag| !references.contains(tag)));
    }
    Ok(images)
}

fn image(inspected: Inspected) -> Image {
    let layers = inspected.root_fs.layers.unwrap_or_default();
    Image {
        id: inspected.id,
        references: Vec::new(),
        platform: Platform::new(inspected.os, inspected.architecture),
        size: inspected.size,
        layers: layers.into_iter().map(|diff_id| Layer { diff_id, size: None }).collect(),
    }
}

/// Returns the name in docker's message about an image that does not exist.
///
/// The case of the message depends on docker's version, and a new client repeats it in front of an old engine's.
fn missing_image(line: &str) -> Option<&str> {
    const MESSAGE: &str = "no such image: ";
    let start = line.to_ascii_lowercase().rfind(MESSAGE)? + MESSAGE.len();
    Some(line[start..].trim())
}

/// Returns the reference as it was requested: docker's message may show it with the tag that docker adds.
fn requested_name(name: &str, references: &[String]) -> String {
    let requested = references.iter().find(|reference| *reference == name || listed_name(reference) == name);
    requested.cloned().unwrap_or_else(|| printable(name).into_owned())
}

/// Returns the tag that an image was requested by. `None` if it was requested by its ID or a digest.
fn tag_of(reference: &str, inspected: &Inspected) -> Option<String> {
    let name = listed_name(reference);
    inspected.repo_tags.iter().flatten().find(|tag| **tag == name).cloned()
}

/// Returns a reference as docker lists it: without the registry that docker adds, and with a tag.
fn listed_name(reference: &str) -> String {
    let listed = Reference::parse(reference).map(|parsed| parsed.familiar().or_latest().to_string());
    // An ID may not be a reference.
    listed.unwrap_or_else(|_| reference.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_written_as_docker_lists_it() {
        for (reference, expected) in [
            ("proj-dev", "proj-dev:latest"),
            ("proj-dev:me", "proj-dev:me"),
            ("docker.io/library/busybox", "busybox:latest"),
            ("docker.io/me/x:1", "me/x:1"),
            ("host:5000/x", "host:5000/x:latest"),
            ("library/x", "x:latest"),
        ] {
            assert_eq!(listed_name(reference), expected);
        }
    }

    #[test]
    fn the_missing_image_is_found_in_the_message_of_every_docker() {
        let references = ["a".to_owned(), "b:1".to_owned()];
        for (line, expected) in [
            ("Error: No such image: b:1", "b:1"),
            ("Error response from daemon: No such image: a:latest", "a"),
            ("Error response from daemon: no such image: a: No such image: a:latest", "a"),
            ("Error response from daemon: no such image: b:1: No such image: b:1", "b:1"),
            ("Error response from daemon: no such image: c\u{1b}[31m", "c\\x1b[31m"),
        ] {
            let name = missing_image(line).map(|name| requested_name(name, &references));
            assert_eq!(name.as_deref(), Some(expected));
        }
        assert_eq!(missing_image("Cannot connect to the Docker daemon"), None);
    }
}
