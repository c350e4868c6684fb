//! The JSON documents of an image: its configuration, and the manifest or index that leads to it.

use dockerutils_oci::{Descriptor, Digest, Index, Manifest};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::image_tree::ImageTree;
use super::invalid_content::InvalidContent;
use super::left_out::LeftOut;
use crate::image::{Image, Layer};

/// The most bytes of a document. Engines refuse manifests of more than 4 MiB, and configurations are not much larger.
pub(super) const MAX_SIZE: u64 = 8 << 20;

/// The part of an image's configuration that lists its layers.
///
/// <https://github.com/opencontainers/image-spec/blob/main/config.md>
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    rootfs: RootFs,
}

#[derive(Debug, Deserialize)]
struct RootFs {
    /// `None` for an image without layers.
    #[serde(default)]
    diff_ids: Option<Vec<Digest>>,
}

/// An image in docker's own `manifest.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ManifestJsonEntry {
    pub(super) config: String,
    pub(super) repo_tags: Option<Vec<String>>,
    pub(super) layers: Option<Vec<String>>,
}

/// A document that the ID of an image may be the digest of.
#[derive(Debug)]
pub(super) enum Document {
    Config(Config),
    Manifest(Manifest),
    Index(Index),
}

impl Config {
    /// Returns the diff IDs of the layers, the lowest first.
    pub(super) fn diff_ids(&self) -> &[Digest] {
        self.rootfs.diff_ids.as_deref().unwrap_or_default()
    }

    /// Returns whether it lists this image's layers.
    pub(super) fn is_of(&self, image: &Image) -> bool {
        image.layers.iter().map(|layer| &layer.diff_id).eq(self.diff_ids())
    }
}

impl Document {
    /// Parses a document. Its properties decide which kind it is, because docker's own documents may lack a media type.
    pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<Self, InvalidContent> {
        #[derive(Deserialize)]
        struct Properties {
            manifests: Option<IgnoredAny>,
            layers: Option<IgnoredAny>,
        }
        let properties: Properties = parse(name, bytes)?;
        if properties.manifests.is_some() {
            parse(name, bytes).map(Document::Index)
        } else if properties.layers.is_some() {
            parse(name, bytes).map(Document::Manifest)
        } else {
            parse(name, bytes).map(Document::Config)
        }
    }
}

/// The contents of an image's documents.
pub(super) struct Description {
    pub(super) config: Vec<u8>,
    pub(super) config_digest: Digest,
    /// The blobs of the layers. `None` if the ID of the image is the digest of its configuration.
    pub(super) blobs: Option<Vec<Descriptor>>,
    /// The other parts of the index, if the ID of the image is the digest of one.
    pub(super) left_out: LeftOut,
    /// The whole index, if it has other parts and all its documents exist. Its blobs may be missing.
    pub(super) tree: Option<ImageTree>,
}

/// Follows an image's ID to its configuration. `fetch` returns a document by its digest, or `None` if it does not exist.
pub(super) fn describe<E: From<InvalidContent>>(
    image: &Image,
    mut fetch: impl FnMut(&Digest) -> Result<Option<Vec<u8>>, E>,
) -> Result<Description, E> {
    let id = image.id;
    let bytes = fetch(&id)?.ok_or_else(|| InvalidContent::Missing(format!("image {id}")))?;
    match Document::parse(&id.to_string(), &bytes)? {
        Document::Config(config) if config.is_of(image) => {
            return Ok(Description {
                config: bytes,
                config_digest: id,
                blobs: None,
                left_out: LeftOut::default(),
                tree: None,
            });
        }
        Document::Config(_) => {}
        Document::Manifest(manifest) => {
            if let Some(description) = follow(image, manifest, &mut fetch)? {
                return Ok(description);
            }
        }
        Document::Index(index) => {
            if let Some(description) = describe_index(image, bytes, index, &mut fetch)? {
                return Ok(description);
            }
        }
    }
    Err(InvalidContent::Layers(id).into())
}

/// Follows an index to the configuration of this image. `None` unless it leads there.
fn describe_index<E>(
    image: &Image,
    bytes: Vec<u8>,
    index: Index,
    fetch: &mut impl FnMut(&Digest) -> Result<Option<Vec<u8>>, E>,
) -> Result<Option<Description>, E> {
    let (mut found, mut left_out, mut manifests) = (None, LeftOut::default(), Vec::new());
    for entry in index.manifests {
        // Manifests of other platforms may be missing, and some entries are attestations.
        let manifest = fetch(&entry.manifest.digest)?;
        if let Some(bytes) = &manifest {
            let manifest = serde_json::from_slice(bytes).ok().filter(|_| found.is_none());
            match manifest.map(|manifest| follow(image, manifest, fetch)).transpose()?.flatten() {
                Some(description) => found = Some(description),
                None => left_out.add(&entry),
            }
        }
        manifests.push(manifest);
    }
    let Some(found) = found else { return Ok(None) };
    let blobs = found.blobs.as_deref().unwrap_or_default();
    let tree = if left_out.is_empty() { None } else { ImageTree::new(bytes, manifests, blobs, fetch)? };
    Ok(Some(Description { left_out, tree, ..found }))
}

/// Reads the configuration that a manifest names. `None` unless it is the configuration of this image.
fn follow<E>(
    image: &Image,
    manifest: Manifest,
    fetch: &mut impl FnMut(&Digest) -> Result<Option<Vec<u8>>, E>,
) -> Result<Option<Description>, E> {
    if manifest.layers.len() != image.layers.len() {
        return Ok(None);
    }
    let config_digest = manifest.config.digest;
    // The configuration of an attestation has another form.
    let is_of =
        |bytes: &Vec<u8>| serde_json::from_slice(bytes).is_ok_and(|config: Config| config.is_of(image));
    let Some(config) = fetch(&config_digest)?.filter(is_of) else { return Ok(None) };
    let blobs = image.layers.iter().zip(manifest.layers).map(|(layer, blob)| blob_of(layer, blob));
    Ok(Some(Description {
        config,
        config_digest,
        blobs: Some(blobs.collect()),
        left_out: LeftOut::default(),
        tree: None,
    }))
}

/// Returns a layer's blob, with one media type for all blobs that are not compressed: docker has its own for them.
fn blob_of(layer: &Layer, blob: Descriptor) -> Descriptor {
    if blob.digest == layer.diff_id { Descriptor::of_layer(blob.digest, blob.size) } else { blob }
}

/// Parses a document of a known kind.
pub(super) fn parse<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, InvalidContent> {
    serde_json::from_slice(bytes).map_err(|source| InvalidContent::Document { name: name.to_owned(), source })
}

/// Checks the size of a document.
pub(super) fn check_size(name: &str, size: u64) -> Result<(), InvalidContent> {
    if size > MAX_SIZE { Err(InvalidContent::DocumentTooLarge(name.to_owned())) } else { Ok(()) }
}
