//! Images as archives describe them: their configuration, and the blob of each layer.

use std::collections::BTreeMap;

use dockerutils_oci::{Descriptor, Digest, IndexEntry, Manifest, Reference, media_type};
use serde::Serialize;

use crate::source::ImageTree;

/// The annotation that containerd reads an image's name from.
const NAME_ANNOTATION: &str = "io.containerd.image.name";

/// An image in an archive.
#[derive(Debug, Clone)]
pub struct ArchiveImage {
    /// The names that the image gets when it is loaded. Empty if it gets its names only after it has arrived whole.
    pub references: Vec<String>,
    /// The bytes of the configuration.
    pub config: Vec<u8>,
    /// The layers, the lowest first.
    pub layers: Vec<ArchiveLayer>,
    /// The index that the image is a part of, if it is sent as a whole.
    pub tree: Option<ImageTree>,
}

/// A layer of an image in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveLayer {
    /// The digest of the uncompressed content.
    pub diff_id: Digest,
    /// The blob in the archive, or in the target's containerd store. `None` for a layer that the target's classic store has.
    pub blob: Option<Descriptor>,
}

/// An image in docker's own `manifest.json`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ManifestJsonEntry<'a> {
    config: String,
    repo_tags: Option<&'a Vec<String>>,
    layers: Vec<String>,
}

impl ArchiveImage {
    /// Returns the bytes of the OCI manifest. `None` unless the blob of every layer is known.
    pub fn manifest(&self) -> Option<Vec<u8>> {
        let config = Descriptor::of(media_type::CONFIG, &self.config);
        let blobs = self.layers.iter().map(|layer| layer.blob.clone().map(Descriptor::with_oci_media_type));
        let layers: Option<Vec<Descriptor>> = blobs.collect();
        Some(json(&Manifest::new(config, layers?)))
    }

    /// Returns the digest by which containerd's store knows the image: that of its index or of its manifest.
    pub(crate) fn target(&self) -> Option<Digest> {
        let index = self.tree.as_ref().map(|tree| tree.index().digest);
        index.or_else(|| self.manifest().map(Digest::of))
    }

    /// Returns whether the blob of every layer is known.
    pub(crate) fn has_all_blobs(&self) -> bool {
        self.layers.iter().all(|layer| layer.blob.is_some())
    }

    /// Returns the entries of `index.json` for the manifest: one for each name, or one without a name.
    pub(crate) fn index_entries(&self, manifest: &Descriptor) -> Vec<IndexEntry> {
        let entry = |annotations| IndexEntry { manifest: manifest.clone(), platform: None, annotations };
        if self.references.is_empty() {
            return vec![entry(None)];
        }
        let names = self.references.iter().map(|reference| canonical_name(reference));
        names.map(|name| entry(Some(BTreeMap::from([(NAME_ANNOTATION.to_owned(), name)])))).collect()
    }

    /// Returns the entry of docker's `manifest.json`.
    pub(crate) fn manifest_json_entry(&self) -> ManifestJsonEntry<'_> {
        ManifestJsonEntry {
            config: blob_path(Digest::of(&self.config)),
            // Docker writes null, not an empty list, for an image without a name.
            repo_tags: (!self.references.is_empty()).then_some(&self.references),
            layers: self.layers.iter().map(ArchiveLayer::path).collect(),
        }
    }
}

impl ArchiveLayer {
    /// Returns the path of the file that a classic engine opens if it lacks the layer.
    fn path(&self) -> String {
        blob_path(self.blob.as_ref().map_or(self.diff_id, |blob| blob.digest))
    }
}

/// Returns the path of a blob in an archive.
///
/// <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>
pub(crate) fn blob_path(blob: Digest) -> String {
    format!("blobs/sha256/{}", blob.hex())
}

/// Serializes a document of an archive.
pub(crate) fn json(value: &impl Serialize) -> Vec<u8> {
    // Fails only for maps whose keys are not text, which these documents do not hold.
    serde_json::to_vec(value).unwrap_or_default()
}

/// Returns the name with the registry that docker leaves out, because containerd lists images by their whole names.
fn canonical_name(reference: &str) -> String {
    Reference::parse(reference).map_or_else(|_| reference.to_owned(), |parsed| parsed.canonical().to_string())
}
