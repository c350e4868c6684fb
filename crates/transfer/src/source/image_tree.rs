//! An image of several platforms as a whole: its index, and all that the index leads to.

use std::collections::HashSet;

use dockerutils_oci::{Descriptor, Digest, Manifest, media_type};
use serde::Deserialize;

use super::document::MAX_SIZE;

/// An index that is complete at the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageTree {
    /// The index, and the manifests and configurations below it.
    pub documents: Vec<Vec<u8>>,
    /// The blobs of the platform that the source runs.
    pub layers: Vec<Digest>,
    /// The blobs of the other platforms, and attestations.
    pub blobs: Vec<Descriptor>,
}

/// The part of a document that names its type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    media_type: Option<String>,
}

impl ImageTree {
    /// Creates the tree of an index whose manifests are these; `layers` are the blobs of the platform that the source
    /// runs. `None` if a document is missing, or is of an unknown kind.
    pub(super) fn new<E>(
        index: Vec<u8>,
        manifests: Vec<Option<Vec<u8>>>,
        layers: &[Descriptor],
        mut fetch: impl FnMut(&Digest) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<Self>, E> {
        let layers: Vec<Digest> = layers.iter().map(|layer| layer.digest).collect();
        let mut seen: HashSet<Digest> = layers.iter().copied().collect();
        let mut tree = ImageTree { documents: vec![index], layers, blobs: Vec::new() };
        for bytes in manifests {
            let Some(bytes) = bytes else { return Ok(None) };
            // An index below an index is not a manifest.
            let Ok(manifest) = serde_json::from_slice::<Manifest>(&bytes) else { return Ok(None) };
            if manifest.config.size > MAX_SIZE {
                return Ok(None);
            }
            let Some(config) = fetch(&manifest.config.digest)? else { return Ok(None) };
            for document in [bytes, config] {
                // Two manifests may share a configuration, and an archive must not hold anything twice.
                if seen.insert(Digest::of(&document)) {
                    tree.documents.push(document);
                }
            }
            tree.blobs.extend(manifest.layers.into_iter().filter(|blob| seen.insert(blob.digest)));
        }
        Ok(Some(tree))
    }

    /// Returns the descriptor of the index.
    pub(crate) fn index(&self) -> Descriptor {
        let index = self.documents.first().map(Vec::as_slice).unwrap_or_default();
        let typed: Option<Typed> = serde_json::from_slice(index).ok();
        let media_type = typed.and_then(|typed| typed.media_type);
        Descriptor::of(media_type.as_deref().unwrap_or(media_type::INDEX), index)
    }
}
