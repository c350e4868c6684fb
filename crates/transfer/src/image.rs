//! Images and their layers, as engines list them.

use dockerutils_oci::{Digest, Platform};

/// An image to transfer.
#[derive(Debug, Clone)]
pub struct Image {
    /// The ID by which the source's engine knows the image: the digest of its configuration in the classic store, and of
    /// its manifest in containerd's.
    pub id: Digest,
    /// The names that the image gets on the other engine, for example `proj-dev:me`. Empty if it was requested by its ID.
    pub references: Vec<String>,
    /// The platform that the image runs on.
    pub platform: Platform,
    /// The size that docker reports, in bytes.
    pub size: u64,
    /// The layers, the lowest first.
    pub layers: Vec<Layer>,
}

/// A layer of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The digest of the uncompressed tar archive, by which configurations name the layer.
    pub diff_id: Digest,
    /// The bytes of the layer as the source delivers it. `None` if they are not known before it is read.
    pub size: Option<u64>,
}

impl Image {
    /// Returns the first reference, or the ID of an image without references; for messages.
    pub fn name(&self) -> String {
        self.references.first().map_or_else(|| self.id.to_string(), Clone::clone)
    }

    /// Returns the diff IDs of the layers, the lowest first.
    pub fn diff_ids(&self) -> Vec<Digest> {
        self.layers.iter().map(|layer| layer.diff_id).collect()
    }
}
