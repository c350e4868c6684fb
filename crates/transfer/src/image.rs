//! An image as engines hand it over: a configuration, and layers one upon the other.

use dockerutils_oci::{Digest, Platform};

/// An image of the source.
#[derive(Debug, Clone)]
pub struct Image {
    /// What the source's engine calls it: its configuration's digest with the classic store, its manifest's with
    /// containerd's.
    pub id: Digest,
    /// What the other engine is to call it, such as `proj-dev:me`; none for an image that was named by its ID.
    pub references: Vec<String>,
    /// What it runs on.
    pub platform: Platform,
    /// The bytes that docker says it takes.
    pub size: u64,
    /// Its layers, the lowest first.
    pub layers: Vec<Layer>,
}

impl Image {
    /// What messages call it: its first reference, or its ID.
    pub fn name(&self) -> String {
        self.references.first().map_or_else(|| self.id.to_string(), Clone::clone)
    }

    /// Its layers by the digests of their uncompressed content, the lowest first.
    pub fn diff_ids(&self) -> Vec<Digest> {
        self.layers.iter().map(|layer| layer.diff_id).collect()
    }
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The digest of its uncompressed tar archive, by which configurations name it.
    pub diff_id: Digest,
    /// The bytes of its content as the source hands it over; not known before it is read where that is none.
    pub size: Option<u64>,
}
