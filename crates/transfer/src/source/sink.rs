//! The layers that a reader requests, and the receiver of these layers.

use std::io::Read;

use dockerutils_oci::{Descriptor, Digest};

use super::image_tree::ImageTree;
use super::left_out::LeftOut;

/// The order in which layers are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they are found, without waiting for any other layer.
    Any,
    /// As they were requested. A layer that is found too early waits in a temporary file without a name.
    Requested,
}

/// A layer, and its blob at the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerBlob {
    /// The digest of the uncompressed archive.
    pub diff_id: Digest,
    /// The bytes that are delivered. The digest is `diff_id` if they are not compressed.
    pub blob: Descriptor,
}

/// The error of a sink that stops the reading.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Receives layers.
pub trait Sink {
    /// Takes one layer. Instead of delivering the last bytes, `content` fails if the digest or the size differs from the
    /// descriptor's. What the sink leaves unread is checked as well.
    ///
    /// # Errors
    /// Any error ends the reading, and is returned in [`Error::Sink`](super::Error::Sink).
    fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> Result<(), SinkError>;

    /// Returns whether layers may be compressed with zstd. Otherwise they are delivered unpacked.
    fn accepts_zstd(&self) -> bool {
        true
    }
}

/// An image after its layers were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadImage {
    /// The bytes of the configuration.
    pub config: Vec<u8>,
    /// The digest of the configuration.
    pub config_digest: Digest,
    /// The blobs of the layers, the lowest first. `None` for a layer that was neither requested nor seen.
    pub layers: Vec<Option<Descriptor>>,
    /// The other parts of its index.
    pub left_out: LeftOut,
    /// Its index, if that has other parts and everything below it exists at the source.
    pub tree: Option<ImageTree>,
}
