//! `docker system df -v`: images, containers and the build cache, with what each takes on the disk.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};
use dockerutils_command::Command;
use dockerutils_oci::Reference;
use serde::{Deserialize, Deserializer};

use crate::container_listing::parse_time;
use crate::error::Error;

/// What docker lists in place of a name or tag that an image does not have.
const NONE: &str = "<none>";

/// What an engine keeps on its disk.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DiskUsage {
    /// The images; after [`add_names`](Self::add_names), one with several names is listed once for each.
    #[serde(default)]
    pub images: Vec<StoredImage>,
    /// The containers, running or not.
    #[serde(default)]
    pub containers: Vec<StoredContainer>,
    /// The build cache.
    #[serde(default)]
    build_cache: Vec<CacheEntry>,
}

/// An image on the disk.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredImage {
    /// Its name without a tag.
    pub repository: String,
    /// Its tag.
    pub tag: String,
    /// Its whole ID.
    #[serde(rename = "ID")]
    pub id: String,
    /// When it was made.
    #[serde(default, rename = "CreatedAt", deserialize_with = "time")]
    pub created: Option<DateTime<FixedOffset>>,
    /// The bytes that no other image has; `None` if the engine does not know.
    #[serde(default, rename = "UniqueSize", deserialize_with = "size")]
    pub unique_size: Option<u64>,
    /// The number of its containers, running or not; `None` if the engine does not know.
    #[serde(default, deserialize_with = "count")]
    pub containers: Option<usize>,
}

/// A container on the disk.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredContainer {
    /// Its whole ID.
    #[serde(rename = "ID")]
    pub id: String,
    /// The reference of its image, or the image's ID.
    pub image: String,
    /// The bytes that it has written.
    #[serde(default, deserialize_with = "size")]
    pub size: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CacheEntry {
    #[serde(default)]
    in_use: String,
    #[serde(default, deserialize_with = "size")]
    size: Option<u64>,
}

/// Returns the command whose output [`DiskUsage::parse`] reads. The engine computes the sizes, which takes it a while.
pub fn inspect_disk_usage() -> Command {
    Command::new("docker").args(["system", "df", "--verbose", "--format", "{{json .}}"])
}

impl DiskUsage {
    /// Parses the output of [`inspect_disk_usage`].
    ///
    /// # Errors
    /// Fails if the output is not in the documented format.
    pub fn parse(output: &[u8]) -> Result<Self, Error> {
        Ok(serde_json::from_slice(output)?)
    }

    /// Adds the names of `docker image ls --no-trunc`: docker shows one name of each image beside its size.
    ///
    /// # Errors
    /// Fails if the output is not in the documented format.
    pub fn add_names(&mut self, listing: &[u8]) -> Result<(), Error> {
        let lines = serde_json::Deserializer::from_slice(listing).into_iter();
        let mut named: Vec<StoredImage> = lines.collect::<Result<_, _>>()?;
        let mut names: HashMap<String, usize> = HashMap::new();
        for image in &named {
            *names.entry(image.id.clone()).or_default() += 1;
        }
        let sizes: HashMap<String, StoredImage> =
            self.images.drain(..).map(|image| (image.id.clone(), image)).collect();
        for image in &mut named {
            let stored = sizes.get(&image.id);
            image.containers = stored.and_then(|stored| stored.containers);
            // With one of several names removed, the image stays.
            let is_last = names.get(&image.id) == Some(&1);
            image.unique_size = stored.and_then(|stored| if is_last { stored.unique_size } else { Some(0) });
        }
        self.images = named;
        Ok(())
    }

    /// Returns the bytes of the build cache that no build uses now.
    pub fn unused_cache(&self) -> u64 {
        self.build_cache.iter().filter(|entry| entry.in_use != "true").filter_map(|entry| entry.size).sum()
    }

    /// Returns the number of containers of an image, without those that have these IDs.
    pub fn containers_of(&self, image: &StoredImage, without: &[&str]) -> usize {
        let uses = |container: &&StoredContainer| image.is_named(&container.image);
        let (gone, left): (Vec<_>, Vec<_>) = self
            .containers
            .iter()
            .filter(uses)
            .partition(|container| without.contains(&container.id.as_str()));
        // A container may have been started with another name of the image.
        image.containers.map_or(0, |all| all.saturating_sub(gone.len())).max(left.len())
    }
}

impl StoredImage {
    /// Returns whether it has no tag.
    pub fn is_dangling(&self) -> bool {
        self.tag == NONE
    }

    /// Returns whether a reference means this image.
    pub fn is(&self, reference: &Reference) -> bool {
        let reference = reference.clone().or_latest();
        let name = self.name();
        name == reference.familiar().to_string() || name == reference.to_string()
    }

    /// Returns its name and tag, as docker lists them.
    pub fn name(&self) -> String {
        format!("{}:{}", self.repository, self.tag)
    }

    /// Returns whether a container that was started with this name or ID has it.
    fn is_named(&self, image: &str) -> bool {
        let hex = |id: &str| id.strip_prefix("sha256:").unwrap_or(id).to_owned();
        let is_id = image.len() >= 12 && hex(&self.id).starts_with(&hex(image));
        is_id || Reference::parse(image).is_ok_and(|reference| self.is(&reference))
    }
}

/// Parses a size as docker writes it, in units of thousands: `1.986MB`, `2B (virtual 1.98MB)`.
fn parse_size(text: &str) -> Option<u64> {
    let text = text.split_whitespace().next()?;
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let factor = ["B", "kB", "MB", "GB", "TB", "PB"].iter().position(|name| *name == unit)?;
    let bytes = number.parse::<f64>().ok()? * 1000_f64.powi(i32::try_from(factor).ok()?);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of three or four digits"
    )]
    (bytes >= 0.0).then_some(bytes as u64)
}

fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(parse_size(&String::deserialize(deserializer)?))
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<FixedOffset>>, D::Error> {
    Ok(parse_time(&String::deserialize(deserializer)?))
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    Ok(String::deserialize(deserializer)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_docker_writes_them() {
        for (text, bytes) in [
            ("0B", Some(0)),
            ("2B (virtual 1.98MB)", Some(2)),
            ("1.986MB", Some(1_986_000)),
            ("12.3kB", Some(12_300)),
            ("5.3GB", Some(5_300_000_000)),
            ("N/A", None),
            ("", None),
            ("-1B", None),
        ] {
            assert_eq!(parse_size(text), bytes, "{text}");
        }
    }

    #[test]
    fn an_image_has_all_its_names_and_a_size_only_if_the_last_one_goes() {
        let image = |repository: &str, id: &str| {
            format!(
                "{{\"Repository\":\"{repository}\",\"Tag\":\"1\",\"ID\":\"sha256:{id}\",\"UniqueSize\":\"5B\",\"Containers\":\"1\"}}"
            )
        };
        let usage = format!("{{\"Images\":[{},{}]}}", image("a", "0a"), image("c", "0c"));
        let mut usage = DiskUsage::parse(usage.as_bytes()).unwrap();
        let listed = [image("a", "0a"), image("b", "0a"), image("c", "0c"), image("new", "0d")].join("\n");
        usage.add_names(listed.as_bytes()).unwrap();
        let sizes: Vec<_> =
            usage.images.iter().map(|image| (image.repository.as_str(), image.unique_size)).collect();
        assert_eq!(sizes, [("a", Some(0)), ("b", Some(0)), ("c", Some(5)), ("new", None)]);
        assert_eq!(usage.images[1].containers, Some(1));
        assert!(usage.add_names(b"REPOSITORY").is_err());
    }

    #[test]
    fn an_image_is_used_by_the_containers_that_are_left() {
        let usage = DiskUsage::parse(
            br#"{"Images":[{"Containers":"2","CreatedAt":"2026-11-27 14:00:26 +0000 UTC","ID":"sha256:0123456789abcdef",
                "Repository":"p-dev","Tag":"ada","UniqueSize":"1.5MB","SharedSize":"0B"},
                {"Containers":"N/A","CreatedAt":"?","ID":"sha256:fedcba9876543210","Repository":"<none>","Tag":"<none>"}],
                "Containers":[{"ID":"1","Image":"p-dev:ada","Size":"3B (virtual 1MB)"},
                {"ID":"2","Image":"0123456789ab"},{"ID":"3","Image":"sha256:fedcba9876543210"}],
                "Volumes":[],"BuildCache":[{"InUse":"false","Size":"2MB"},{"InUse":"true","Size":"1MB"}]}"#,
        )
        .unwrap();
        let [tagged, dangling] = &usage.images[..] else { panic!("{usage:?}") };
        assert_eq!((tagged.unique_size, tagged.is_dangling()), (Some(1_500_000), false));
        assert_eq!([&[][..], &["1"], &["1", "2"]].map(|gone| usage.containers_of(tagged, gone)), [2, 1, 0]);
        assert_eq!([&[][..], &["3"]].map(|gone| usage.containers_of(dangling, gone)), [1, 0]);
        assert!(dangling.is_dangling() && dangling.created.is_none());
        assert_eq!((usage.unused_cache(), usage.containers[0].size), (2_000_000, Some(3)));
        assert!(DiskUsage::parse(b"").is_err());
    }
}
