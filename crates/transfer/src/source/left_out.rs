//! What an image consists of besides the one platform that is transferred.

use dockerutils_oci::{IndexEntry, Platform};

/// The platform of an attestation in an index, which is no platform.
const UNKNOWN: &str = "unknown";

/// The parts of an image's index that a transfer leaves out, as far as the source has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The other platforms.
    pub platforms: Vec<Platform>,
    /// The number of attestations, such as the provenance that `docker buildx` adds.
    pub attestations: usize,
}

impl LeftOut {
    /// Returns whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.platforms.is_empty() && self.attestations == 0
    }

    /// Adds an entry of an index.
    pub(super) fn add(&mut self, entry: &IndexEntry) {
        match &entry.platform {
            Some(platform) if !is_attestation(entry) => self.platforms.push(platform.clone()),
            _ => self.attestations += 1,
        }
    }
}

/// Returns whether an entry of an index is an attestation.
///
/// <https://docs.docker.com/build/metadata/attestations/attestation-storage/>
pub(super) fn is_attestation(entry: &IndexEntry) -> bool {
    entry.platform.as_ref().is_some_and(|platform| platform.os == UNKNOWN)
}
