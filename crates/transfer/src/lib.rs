//! Images from one engine to another, with no more bytes on the way than the other lacks.
//!
//! A [`source`] reads the layers of images of the local engine; a target says what it has and takes the rest over ssh,
//! with nothing there but docker and a POSIX shell. Every layer has its digest, and nothing counts as arrived that the
//! target does not name by it.

mod compress;
mod image;
mod load_archive;
mod partial;
mod plan;
pub mod remote;
mod shipment;
pub mod source;

pub use compress::{BlockSink, Codec, CompressionPolicy, Packer};
pub use image::{Image, Layer};
pub use load_archive::{ArchiveImage, ArchiveLayer, LoadArchive};
pub use partial::{PARTIAL_LABEL, PARTIAL_NAME_LABEL};
pub use plan::{Plan, PresentLayers};
#[doc(hidden)]
pub use remote as target;
pub use shipment::Shipment;
pub use source::Source;
