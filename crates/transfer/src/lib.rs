//! Transfers images from one docker engine to others, and sends only the layers that each of them lacks.
//!
//! A [`Source`] reads images and their layers from the local engine or from a bundle. A [`Transfer`] connects to hosts,
//! finds out what each lacks, reads that once for all of them and sends it through ssh, then verifies and tags the images.
//! Nothing counts as transferred that the host's engine does not report under the expected digest. Progress and warnings
//! go to an [`Observer`]: this crate prints nothing.
//!
//! [`source`] is the reading half and [`remote`] the receiving half; neither knows of the other.

mod archive_image;
mod bundle_target;
mod bundle_writer;
mod compress;
mod connected_host;
mod coverage;
mod error;
mod fan_out;
mod host_layers;
mod image;
mod load_archive;
mod lookup;
mod observer;
mod packing;
mod partial_image;
mod plan;
pub mod remote;
mod report;
mod shipment;
mod site;
pub mod source;
mod transfer;
mod workload;

pub use archive_image::{ArchiveImage, ArchiveLayer};
pub use bundle_target::BundleTarget;
pub use bundle_writer::{BundleWriter, check_bundle};
pub use compress::{BlockSink, Codec, CompressionPolicy, Packer};
pub use connected_host::ConnectedHost;
pub use error::{Error, Result};
pub use host_layers::{HostLayers, PlannedLayer};
pub use image::{Image, Layer};
pub use load_archive::LoadArchive;
pub use observer::{Observer, Warning};
pub use packing::Compression;
pub use partial_image::{PARTIAL_LABEL, PARTIAL_NAME_LABEL};
pub use plan::{Plan, PresentLayers};
pub use report::{ArrivedImage, Report};
pub use shipment::Shipment;
pub use site::SiteInventory;
pub use source::Source;
pub use transfer::{Connections, HostFailure, Outcome, Transfer};
pub use workload::Workload;
