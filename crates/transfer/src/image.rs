//! An image as engines hand it over: a configuration, and layers one upon the other.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Digest;

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

/// Content by its digest; see the OCI image specification, "Descriptors".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it is, such as `application/vnd.oci.image.layer.v1.tar+gzip`.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// What an image or an engine runs on, as docker names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Such as `linux`.
    pub os: String,
    /// Such as `amd64`.
    pub architecture: String,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

/// The chain IDs of layers, the lowest first.
pub(crate) fn chain_ids(diff_ids: impl Iterator<Item = Digest>) -> impl Iterator<Item = Digest> {
    diff_ids.scan(None, |below, diff_id| {
        let chain = chain_id(*below, diff_id);
        *below = Some(chain);
        Some(chain)
    })
}

/// The name of a layer upon all that are below it; see the OCI image specification, "Layer ChainID".
pub(crate) fn chain_id(below: Option<Digest>, diff_id: Digest) -> Digest {
    below.map_or(diff_id, |below| Digest::of(format!("{below} {diff_id}")))
}
