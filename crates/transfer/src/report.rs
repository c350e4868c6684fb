//! The result of a transfer to one host.
//!
//! The names of the fields in JSON are an interface for programs: fields may be added, and never change.

use std::time::Duration;

use dockerutils_oci::Digest;
use serde::{Serialize, Serializer};

use crate::remote::ExpectedImage;

/// A completed transfer to one host.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The name of the host.
    pub host: String,
    /// The images that the host has now.
    pub images: Vec<ArrivedImage>,
    /// The bytes that went over the line.
    pub bytes_sent: u64,
    /// The size of the images, as the local docker reports it.
    pub bytes_total: u64,
    /// The number of layers that were sent.
    pub layers_sent: usize,
    /// The number of layers that the host already had.
    pub layers_kept: usize,
    /// The time since the transfer started.
    #[serde(serialize_with = "as_seconds")]
    pub seconds: Duration,
}

/// An image that a host has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArrivedImage {
    /// The tags that it got.
    pub references: Vec<String>,
    /// Its ID on the host.
    pub id: Digest,
}

impl From<ExpectedImage> for ArrivedImage {
    fn from(image: ExpectedImage) -> Self {
        ArrivedImage { references: image.references, id: image.id }
    }
}

fn as_seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
