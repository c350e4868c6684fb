//! `docker image ls`: the images of the engine, in one call.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};
use dockerutils_command::Command;
use dockerutils_oci::Reference;
use dockerutils_project::Project;
use serde::{Deserialize, Deserializer};

use crate::container_listing::parse_time;
use crate::docker_command::docker;
use crate::error::Error;

/// An image of the engine. Podman writes some keys in lower case, and leaves others out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListedImage {
    /// Its name without a tag; `<none>` if it has none.
    #[serde(rename = "Repository", alias = "repository")]
    pub repository: String,
    /// Its tag; `<none>` if it has none.
    #[serde(rename = "Tag", alias = "tag")]
    pub tag: String,
    /// The digest that it was pulled with, if the list has digests; `<none>` if it was built here.
    #[serde(default, rename = "Digest", alias = "digest")]
    pub digest: Option<String>,
    /// The first digits of its ID.
    #[serde(default, rename = "ID", alias = "Id")]
    pub id: String,
    /// When it was made. A build that finds everything in the cache does not change that.
    #[serde(default, rename = "CreatedAt", deserialize_with = "created")]
    pub created: Option<DateTime<FixedOffset>>,
    /// Its size as docker writes it, with the layers that it shares with other images.
    #[serde(default, rename = "Size", deserialize_with = "size")]
    pub size: String,
}

/// Returns the command that lists the images of the engine.
pub fn list_images(project: &Project) -> Command {
    docker(project).args(["image", "ls", "--format", "{{json .}}"])
}

/// The host that podman adds to a name without one.
const PODMAN_HOST: &str = "localhost/";

/// The images of the engine, found by their names.
#[derive(Debug, Default)]
pub struct ListedImages(HashMap<String, ListedImage>);

impl ListedImages {
    /// Parses the output of [`list_images`].
    ///
    /// # Errors
    /// Fails if the output is not in the documented format.
    pub fn parse(output: &[u8]) -> Result<Self, Error> {
        let mut images = HashMap::new();
        // Docker prints one JSON object per line, not an array.
        for image in serde_json::Deserializer::from_slice(output).into_iter::<ListedImage>() {
            let image = image?;
            // Podman adds a host to a name without one. With docker, `localhost/a` and `a` are two names.
            if let Some(name) = image.repository.strip_prefix(PODMAN_HOST) {
                images.entry(format!("{name}:{}", image.tag)).or_insert_with(|| image.clone());
            }
            if let Some(digest) = &image.digest {
                images.insert(format!("{}@{digest}", image.repository), image.clone());
            }
            images.insert(format!("{}:{}", image.repository, image.tag), image);
        }
        Ok(ListedImages(images))
    }

    /// Returns the image that a reference means, if the engine has it. One with a digest is found in a list with digests.
    pub fn find(&self, reference: &Reference) -> Option<&ListedImage> {
        if let Some(digest) = reference.digest() {
            let names = [reference.familiar().name().to_owned(), reference.name().to_owned()];
            return names.iter().find_map(|name| self.0.get(&format!("{name}@{digest}")));
        }
        let reference = reference.clone().or_latest();
        // `docker image ls` leaves out what docker adds to a name.
        let listed = self.0.get(&reference.familiar().to_string());
        listed.or_else(|| self.0.get(&reference.to_string()))
    }
}

fn created<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<FixedOffset>>, D::Error> {
    Ok(parse_time(&String::deserialize(deserializer)?))
}

/// Podman writes a number.
fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Ok(text),
        other => Ok(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_listing_is_an_image() {
        let listing = br#"{"Containers":"N/A","CreatedAt":"2026-11-27 13:11:52 +0000 UTC","ID":"1899fc6b3351","Repository":"p-dev","Size":"1.98MB","Tag":"ada"}
{"Repository":"<none>","Tag":"<none>"}
{"Id":"6cb0","repository":"localhost/p-db","tag":"ada","Size":4500000}
"#;
        let images = ListedImages::parse(listing).unwrap();
        let found = |text: &str| images.find(&Reference::parse(text).unwrap());
        let (dev, db) = (found("p-dev:ada").unwrap(), found("p-db:ada").unwrap());
        assert!(found("p-dev").is_none() && found("docker.io/library/p-dev:ada").is_some());
        assert_eq!(dev.created.unwrap().to_rfc3339(), "2026-11-27T13:11:52+00:00");
        assert_eq!((dev.size.as_str(), db.size.as_str()), ("1.98MB", "4500000"));
        assert_eq!((dev.id.as_str(), db.created), ("1899fc6b3351", None));
        let digest = format!("sha256:{}", "0".repeat(64));
        let listing = format!(
            "{{\"Repository\":\"p\",\"Tag\":\"1\",\"ID\":\"a\"}}\n{{\"Repository\":\"localhost/p\",\"Tag\":\"1\",\"ID\":\"b\"}}\n\
             {{\"Repository\":\"python\",\"Tag\":\"<none>\",\"ID\":\"c\",\"Digest\":\"{digest}\"}}\n"
        );
        let images = ListedImages::parse(listing.as_bytes()).unwrap();
        let id = |text: &str| images.find(&Reference::parse(text).unwrap()).unwrap().id.clone();
        assert_eq!([id("p:1"), id("localhost/p:1"), id(&format!("python:3.12@{digest}"))], ["a", "b", "c"]);
        assert!(ListedImages::parse(b"").unwrap().find(&Reference::parse("a").unwrap()).is_none());
    }

    #[test]
    fn a_listing_in_another_format_is_an_error() {
        assert!(ListedImages::parse(b"REPOSITORY TAG\n").is_err());
        assert!(ListedImages::parse(b"{\"Repository\":\"a\"}\n").is_err());
    }
}
