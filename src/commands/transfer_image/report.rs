//! What was sent, in one line for people, or as JSON for programs.
//!
//! The names of the JSON's fields are an interface: they are added to, and never change.

use std::fmt;
use std::time::Duration;

use dockerutils_transfer::target::Expected;
use serde::{Serialize, Serializer};

use crate::ui::Size;

/// What came of a transfer to one host.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) host: String,
    pub(super) images: Vec<Arrived>,
    /// What went over the line.
    pub(super) bytes_sent: u64,
    /// The images' size, as docker here says.
    pub(super) bytes_total: u64,
    pub(super) layers_sent: usize,
    pub(super) layers_kept: usize,
    #[serde(serialize_with = "as_seconds")]
    pub(super) seconds: Duration,
}

/// An image that is there.
#[derive(Debug, Serialize)]
pub(super) struct Arrived {
    pub(super) references: Vec<String>,
    /// What the engine there calls it.
    pub(super) id: String,
}

impl From<Expected> for Arrived {
    fn from(image: Expected) -> Self {
        Arrived { references: image.references, id: image.id.to_string() }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { host, bytes_sent, bytes_total, layers_sent, layers_kept, seconds, .. } = self;
        let seconds = seconds.as_secs_f64();
        if *layers_sent == 0 {
            return write!(f, "sent no layer to {host} in {seconds:.1} s (all {layers_kept} were there)");
        }
        let (sent, total, layers) = (Size(*bytes_sent), Size(*bytes_total), layers_sent + layers_kept);
        write!(
            f,
            "sent {sent} of {total} to {host} in {seconds:.1} s ({layers_kept} of {layers} layers were there)"
        )
    }
}

fn as_seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
