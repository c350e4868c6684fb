//! The version, images and layers of a host's engine, parsed from the frames of `inspect.sh`.

use dockerutils_oci::{Digest, Platform};
use dockerutils_ssh::last_line;
use serde::Deserialize;

use super::error::{Error, Result};
use super::frame::Frame;

/// An engine and its images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// The version of docker, such as `26.1.5`.
    pub version: String,
    /// The platform that the engine runs on.
    pub platform: Platform,
    /// How the engine stores images.
    pub store: Store,
    /// Whether docker requires sudo.
    pub sudo: bool,
    /// The programs for receiving.
    pub tools: Tools,
    /// Those of the wanted images that exist.
    pub wanted: Vec<PresentImage>,
    /// All images, including the wanted ones; empty if all the wanted ones exist.
    pub images: Vec<PresentImage>,
}

/// How an engine stores images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// Docker's own store: an image's ID is the digest of its configuration.
    Classic,
    /// Containerd's store: an image's ID is the digest of its manifest, or of an index of manifests.
    Containerd,
}

/// The programs for receiving that exist on a host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tools {
    /// `gzip`.
    pub gzip: bool,
    /// `zstd`.
    pub zstd: bool,
    /// The programs that join several streams.
    pub streams: bool,
}

/// An image of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PresentImage {
    /// The ID by which the engine knows it; see [`Store`].
    pub id: Digest,
    /// Its tags, such as `proj-dev:me`.
    #[serde(deserialize_with = "null_as_empty")]
    pub references: Vec<String>,
    /// Its layers, lowest first.
    #[serde(deserialize_with = "null_as_empty")]
    pub layers: Vec<Digest>,
}

/// Deserializes a list; docker writes `null` for an empty one.
fn null_as_empty<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    list: D,
) -> std::result::Result<Vec<T>, D::Error> {
    Option::deserialize(list).map(Option::unwrap_or_default)
}

impl Inventory {
    /// Returns whether docker decompresses zstd by itself.
    pub fn unpacks_zstd(&self) -> bool {
        unpacks_zstd(&self.version)
    }

    /// Returns whether any image that was listed has this tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.wanted.iter().chain(&self.images).any(|image| image.references.iter().any(|own| own == tag))
    }

    /// Parses the frames of `inspect.sh`.
    pub(super) fn parse(host: &str, frames: &[Frame]) -> Result<Self> {
        let find = |name: &str| frames.iter().rfind(|frame| frame.name == name);
        let require =
            |name: &str| find(name).ok_or_else(|| Error::unreadable(host, format!("its {name} is missing")));
        let sudo = find("sudo");
        // The script repeats docker version with sudo in a frame of another name.
        let version = sudo.map_or_else(|| require("version"), Ok)?;
        if version.status != 0 {
            return Err(docker_error(host, version, sudo.is_some()));
        }
        // Docker may print a warning on a line of its own.
        let server = version.text.lines().find_map(|line| serde_json::from_str::<Versions>(line).ok());
        let server = server.ok_or_else(|| Error::unreadable(host, "its version is missing"))?.server;
        let store = require("store")?;
        if store.status != 0 {
            let reason = "`docker info` failed".to_owned();
            return Err(Error::EngineUnreachable { host: host.to_owned(), reason });
        }
        let info: Info =
            serde_json::from_str(&store.text).map_err(|error| Error::unreadable(host, error.to_string()))?;
        let tools: Vec<&str> = require("tools")?.text.split_whitespace().collect();
        Ok(Inventory {
            version: server.version,
            platform: Platform::new(server.os, server.arch),
            store: info.store(),
            sudo: sudo.is_some(),
            tools: Tools {
                gzip: tools.contains(&"gzip"),
                zstd: tools.contains(&"zstd"),
                streams: tools.contains(&"streams"),
            },
            wanted: images(host, find("wanted"))?,
            images: images(host, find("images"))?,
        })
    }
}

/// Returns whether this version of docker decompresses zstd by itself; see the release notes of Docker 23.0.
pub(crate) fn unpacks_zstd(version: &str) -> bool {
    // Only the first number: distributions add suffixes, as in `20.10.24+dfsg1`.
    let major = version.split('.').next().and_then(|major| major.parse().ok());
    major.is_some_and(|major: u32| major >= 23)
}

/// Parses the images of a frame, one in JSON on each line.
fn images(host: &str, frame: Option<&Frame>) -> Result<Vec<PresentImage>> {
    let lines = frame.into_iter().flat_map(|frame| frame.text.lines()).filter(|line| !line.is_empty());
    let images = lines.map(serde_json::from_str).collect::<serde_json::Result<_>>();
    images.map_err(|error| Error::unreadable(host, error.to_string()))
}

/// Returns the store that a frame of `docker info` describes; `None` if it cannot be parsed.
pub(super) fn store(frame: &Frame) -> Option<Store> {
    serde_json::from_str::<Info>(&frame.text).ok().map(|info| info.store())
}

/// Returns why `docker version` failed.
fn docker_error(host: &str, version: &Frame, through_sudo: bool) -> Error {
    let host = host.to_owned();
    // The statuses are those of sudo and of the shell: 127 for a program that does not exist, 126 for one that cannot be
    // executed. sudo exits with 1 for all its own errors, so its message decides.
    let text = version.text.to_lowercase();
    if through_sudo && text.contains("password is required") {
        Error::SudoPassword { host }
    } else if through_sudo && (text.contains("sudo") || text.contains("permission denied")) {
        Error::PermissionDenied { host }
    } else if matches!(version.status, 126 | 127) {
        Error::NoDocker { host }
    } else {
        Error::EngineUnreachable { host, reason: last_line(version.text.as_bytes()) }
    }
}

/// The needed part of `docker version`.
#[derive(Deserialize)]
struct Versions {
    #[serde(rename = "Server")]
    server: Server,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Server {
    version: String,
    os: String,
    arch: String,
}

/// The needed part of `docker info`.
#[derive(Deserialize)]
struct Info {
    #[serde(deserialize_with = "null_as_empty")]
    status: Vec<(String, String)>,
}

impl Info {
    /// Returns the kind of store. Docker reports a `driver-type` only for containerd's snapshotters.
    fn store(&self) -> Store {
        let is_snapshotter = |(key, value): &(String, String)| {
            key == "driver-type" && value.starts_with("io.containerd.snapshotter")
        };
        if self.status.iter().any(is_snapshotter) { Store::Containerd } else { Store::Classic }
    }
}
