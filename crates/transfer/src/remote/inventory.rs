//! What a target has, read from the frames of `inspect.sh`.

use std::io;

use serde::Deserialize;

use super::frame::Frame;
use super::{Error, Result};
use dockerutils_oci::{Digest, Platform};

/// What an engine is and has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// Its version, such as `26.1.5`.
    pub version: String,
    /// What it runs on.
    pub platform: Platform,
    /// How it stores images.
    pub store: Store,
    /// Whether its user needs sudo for docker.
    pub sudo: bool,
    /// What there is to receive with.
    pub tools: Tools,
    /// Those of the wanted images that are there.
    pub wanted: Vec<Present>,
    /// All images, those that are wanted too; none where all of those are there.
    pub images: Vec<Present>,
}

/// How an engine stores images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// Docker's own: an image's ID is the digest of its configuration.
    Classic,
    /// Containerd's: an image's ID is the digest of its manifest, or of an index of manifests.
    Containerd,
}

/// What there is to receive with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tools {
    /// `gzip`.
    pub gzip: bool,
    /// `zstd`.
    pub zstd: bool,
    /// What several lanes are put together with.
    pub lanes: bool,
}

/// An image of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Present {
    /// What the engine calls it; see [`Store`].
    pub id: Digest,
    /// Its names, such as `proj-dev:me`.
    #[serde(deserialize_with = "or_none")]
    pub references: Vec<String>,
    /// Its layers, the lowest first.
    #[serde(deserialize_with = "or_none")]
    pub layers: Vec<Digest>,
}

/// Docker writes `null` for an empty list.
fn or_none<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    list: D,
) -> std::result::Result<Vec<T>, D::Error> {
    Option::deserialize(list).map(Option::unwrap_or_default)
}

impl Inventory {
    /// Whether its docker unpacks zstd by itself; see the release notes of Docker 23.0.
    pub fn unpacks_zstd(&self) -> bool {
        self.version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok())
            .is_some_and(|major: u32| major >= 23)
    }

    /// Reads a survey.
    pub(super) fn read(target: &str, frames: &[Frame]) -> Result<Self> {
        let garbled = |what: String| Error::Garbled {
            target: target.to_owned(),
            source: io::Error::new(io::ErrorKind::InvalidData, what),
        };
        let find = |name: &str| frames.iter().find(|frame| frame.name == name);
        let needed = |name: &str| find(name).ok_or_else(|| garbled(format!("it says nothing of its {name}")));
        let sudo = find("sudo");
        let version = sudo.map_or_else(|| needed("version"), Ok)?;
        if version.status != 0 {
            return Err(refusal(target, version, sudo.is_some()));
        }
        // Docker may warn on another line.
        let server = version.text.lines().find_map(|line| serde_json::from_str::<Versions>(line).ok());
        let server = server.ok_or_else(|| garbled("it has no version".to_owned()))?.server;
        let store = needed("store")?;
        if store.status != 0 {
            return Err(Error::Engine {
                target: target.to_owned(),
                words: "`docker info` failed".to_owned(),
            });
        }
        let info: Info = serde_json::from_str(&store.text).map_err(|error| garbled(error.to_string()))?;
        let tools: Vec<&str> = needed("tools")?.text.split_whitespace().collect();
        let images = |name| {
            let lines =
                find(name).into_iter().flat_map(|frame| frame.text.lines()).filter(|line| !line.is_empty());
            lines.map(serde_json::from_str).collect::<serde_json::Result<Vec<Present>>>()
        };
        let images = |name| images(name).map_err(|error| garbled(error.to_string()));
        Ok(Inventory {
            version: server.version,
            platform: Platform { os: server.os, architecture: server.arch },
            store: info.store(),
            sudo: sudo.is_some(),
            tools: Tools {
                gzip: tools.contains(&"gzip"),
                zstd: tools.contains(&"zstd"),
                lanes: tools.contains(&"lanes"),
            },
            wanted: images("wanted")?,
            images: images("images")?,
        })
    }
}

/// The store that a survey tells of, if that can be read.
pub(super) fn store(frame: &Frame) -> Option<Store> {
    serde_json::from_str::<Info>(&frame.text).ok().map(|info| info.store())
}

/// Why there is no docker for us.
fn refusal(target: &str, answer: &Frame, through_sudo: bool) -> Error {
    let target = target.to_owned();
    let text = answer.text.to_lowercase();
    if through_sudo && text.contains("password is required") {
        Error::SudoAsks { target }
    } else if through_sudo && (text.contains("sudo") || text.contains("permission denied")) {
        Error::NotAllowed { target }
    } else if matches!(answer.status, 126 | 127) {
        Error::NoDocker { target }
    } else {
        Error::Engine { target, words: super::error::last_words(answer.text.as_bytes()) }
    }
}

/// Of `docker version`, as JSON.
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

/// Of `docker info`.
#[derive(Deserialize)]
struct Info {
    #[serde(deserialize_with = "or_none")]
    status: Vec<(String, String)>,
}

impl Info {
    /// Docker says `driver-type` of containerd's snapshotters alone.
    fn store(&self) -> Store {
        let is_snapshotter = |(key, value): &(String, String)| {
            key == "driver-type" && value.starts_with("io.containerd.snapshotter")
        };
        if self.status.iter().any(is_snapshotter) { Store::Containerd } else { Store::Classic }
    }
}
