//! What the engine says of its images.

use dockerutils_command::{Command, Pipes, Runner};
use dockerutils_oci::{Digest, Platform, Reference};
use serde::Deserialize;

use super::Error;
use crate::{Image, Layer};

const INSPECT: &str = "docker image inspect";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
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
    /// Absent where there is none.
    layers: Option<Vec<Digest>>,
}

/// The images of these references, by one call for all.
pub(super) fn images(docker: &Command, references: &[String], runner: &Runner) -> Result<Vec<Image>, Error> {
    let command = docker.clone().args(["image", "inspect", "--"]).args(references);
    let ended = runner.start(&command, Pipes::Input)?.wait()?;
    runner.check_interrupted()?;
    if !ended.status.success() {
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let missing = stderr.lines().find_map(missing).map(|name| as_asked(name, references));
        return Err(missing
            .map_or_else(|| Error::Docker { command: INSPECT, words: ended.last_words() }, Error::NoImage));
    }
    let answers: Vec<Answer> =
        serde_json::from_slice(&ended.stdout).map_err(|source| Error::Answer { command: INSPECT, source })?;
    let mut images: Vec<Image> = Vec::new();
    // docker answers in the order in which it was asked.
    for (answer, reference) in answers.into_iter().zip(references) {
        let tag = tag_of(reference, &answer);
        let index = images.iter().position(|image| image.id == answer.id).unwrap_or_else(|| {
            images.push(image(answer));
            images.len() - 1
        });
        let references = &mut images[index].references;
        references.extend(tag.filter(|tag| !references.contains(tag)));
    }
    Ok(images)
}

fn image(answer: Answer) -> Image {
    let layer = |diff_id| Layer { diff_id, size: None };
    Image {
        id: answer.id,
        references: Vec::new(),
        platform: Platform { os: answer.os, architecture: answer.architecture },
        size: answer.size,
        layers: answer.root_fs.layers.unwrap_or_default().into_iter().map(layer).collect(),
    }
}

/// The name in docker's words for an image that it does not have; the case of the words depends on its version, and a new
/// client says them again before those of an old engine.
fn missing(line: &str) -> Option<&str> {
    const WORDS: &str = "no such image: ";
    let start = line.to_ascii_lowercase().rfind(WORDS)? + WORDS.len();
    Some(line[start..].trim())
}

/// docker's name for an image is the one that was asked for, or that with what docker adds to it.
fn as_asked(name: &str, references: &[String]) -> String {
    let asked = references.iter().find(|reference| *reference == name || whole(reference) == name);
    asked.cloned().unwrap_or_else(|| name.chars().filter(|c| !c.is_control()).collect())
}

/// The name that an image was asked for by; none where that was an ID or a digest.
fn tag_of(reference: &str, answer: &Answer) -> Option<String> {
    let whole = whole(reference);
    answer.repo_tags.iter().flatten().find(|tag| **tag == whole).cloned()
}

/// A reference as docker writes it: without the registry that it takes where none is named, and with a tag.
fn whole(reference: &str) -> String {
    let whole = Reference::parse(reference).map(|parsed| parsed.familiar().or_latest().to_string());
    whole.unwrap_or_else(|_| reference.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_written_as_docker_writes_it() {
        for (reference, expected) in [
            ("proj-dev", "proj-dev:latest"),
            ("proj-dev:me", "proj-dev:me"),
            ("docker.io/library/busybox", "busybox:latest"),
            ("docker.io/me/x:1", "me/x:1"),
            ("host:5000/x", "host:5000/x:latest"),
            ("library/x", "x:latest"),
        ] {
            assert_eq!(whole(reference), expected);
        }
    }

    #[test]
    fn the_missing_image_is_read_from_either_docker() {
        let references = ["a".to_owned(), "b:1".to_owned()];
        for (line, expected) in [
            ("Error: No such image: b:1", "b:1"),
            ("Error response from daemon: No such image: a:latest", "a"),
            ("Error response from daemon: no such image: a: No such image: a:latest", "a"),
            ("Error response from daemon: no such image: b:1: No such image: b:1", "b:1"),
            ("Error response from daemon: no such image: c\u{1b}[31m", "c[31m"),
        ] {
            assert_eq!(missing(line).map(|name| as_asked(name, &references)).as_deref(), Some(expected));
        }
        assert_eq!(missing("Cannot connect to the Docker daemon"), None);
    }
}
