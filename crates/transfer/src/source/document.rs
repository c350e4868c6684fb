//! The documents of an image: its configuration, and what lists its layers.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{InvalidContent, plain};
use crate::{Image, Layer};
use dockerutils_oci::{Descriptor, Digest};

/// The most bytes of a document. Engines refuse manifests of more than 4 MiB; a configuration is of that order at the most.
pub(super) const MOST: u64 = 8 << 20;

/// The configuration of an image, as far as it names its layers; see the OCI image specification, "Image Configuration".
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    pub(super) rootfs: RootFs,
}

#[derive(Debug, Deserialize)]
pub(super) struct RootFs {
    #[serde(default)]
    pub(super) diff_ids: Option<Vec<Digest>>,
}

/// A manifest; see the OCI image specification, "Image Manifest".
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

/// Manifests, one for each platform; see the OCI image specification, "Image Index".
#[derive(Debug, Deserialize)]
pub(super) struct Index {
    pub(super) manifests: Vec<Descriptor>,
}

/// An image in docker's own list of an archive's images.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    pub(super) config: String,
    pub(super) repo_tags: Option<Vec<String>>,
    pub(super) layers: Option<Vec<String>>,
}

/// What an image's ID may be the digest of.
#[derive(Debug)]
enum Document {
    Config(Config),
    Manifest(Manifest),
    Index(Index),
}

impl Config {
    /// Whether it has this image's layers.
    pub(super) fn is_of(&self, image: &Image) -> bool {
        image.layers.iter().map(|layer| &layer.diff_id).eq(self.rootfs.diff_ids.iter().flatten())
    }
}

impl Document {
    /// Tells by what only one of them has.
    fn parse(name: &str, bytes: &[u8]) -> Result<Self, InvalidContent> {
        #[derive(Deserialize)]
        struct Kind {
            manifests: Option<IgnoredAny>,
            layers: Option<IgnoredAny>,
        }
        let kind: Kind = parse(name, bytes)?;
        if kind.manifests.is_some() {
            parse(name, bytes).map(Document::Index)
        } else if kind.layers.is_some() {
            parse(name, bytes).map(Document::Manifest)
        } else {
            parse(name, bytes).map(Document::Config)
        }
    }
}

/// What an image's documents say.
pub(super) struct Described {
    pub(super) config: Vec<u8>,
    pub(super) config_digest: Digest,
    /// The blobs of its layers; none where an image's ID is the digest of its configuration.
    pub(super) blobs: Option<Vec<Descriptor>>,
}

/// Follows an image's ID to its configuration. `fetch` has documents by their digests; none where there is no such.
pub(super) fn describe<E: From<InvalidContent>>(
    image: &Image,
    mut fetch: impl FnMut(&Digest) -> Result<Option<Vec<u8>>, E>,
) -> Result<Described, E> {
    let id = image.id;
    let bytes = fetch(&id)?.ok_or_else(|| InvalidContent::Missing(format!("image {id}")))?;
    match Document::parse(&id.to_string(), &bytes)? {
        Document::Config(config) if config.is_of(image) => {
            return Ok(Described { config: bytes, config_digest: id, blobs: None });
        }
        Document::Config(_) => {}
        Document::Manifest(manifest) => {
            if let Some(described) = follow(image, manifest, &mut fetch)? {
                return Ok(described);
            }
        }
        Document::Index(index) => {
            for Descriptor { digest, .. } in index.manifests {
                // Those of other platforms need not be there; what is no manifest is no image.
                let manifest = fetch(&digest)?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
                let described = manifest.map(|manifest| follow(image, manifest, &mut fetch)).transpose()?;
                if let Some(described) = described.flatten() {
                    return Ok(described);
                }
            }
        }
    }
    Err(InvalidContent::Layers(id).into())
}

/// What a manifest says, if it is this image's.
fn follow<E>(
    image: &Image,
    manifest: Manifest,
    fetch: &mut impl FnMut(&Digest) -> Result<Option<Vec<u8>>, E>,
) -> Result<Option<Described>, E> {
    let config_digest = manifest.config.digest;
    if manifest.layers.len() != image.layers.len() {
        return Ok(None);
    }
    // What is attested along with an image has a configuration of its own form.
    let is_of =
        |bytes: &Vec<u8>| serde_json::from_slice(bytes).is_ok_and(|config: Config| config.is_of(image));
    let config = fetch(&config_digest)?.filter(is_of);
    let blob = |(layer, blob): (&Layer, Descriptor)| {
        // One media type for all that are not compressed, whichever of its two words the manifest has.
        if blob.digest == layer.diff_id { plain(blob.digest, blob.size) } else { blob }
    };
    Ok(config.map(|config| {
        let blobs = image.layers.iter().zip(manifest.layers).map(blob).collect();
        Described { config, config_digest, blobs: Some(blobs) }
    }))
}

/// A document of this form.
pub(super) fn parse<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, InvalidContent> {
    serde_json::from_slice(bytes).map_err(|source| InvalidContent::Document { name: name.to_owned(), source })
}
