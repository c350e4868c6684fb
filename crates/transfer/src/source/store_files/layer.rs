//! A layer in an engine's store.

use std::io::Read;

use dockerutils_oci::Descriptor;

/// A layer that can be read from the store's files.
pub(in crate::source) struct StoredLayer {
    pub(in crate::source) blob: Descriptor,
    pub(in crate::source) content: Box<dyn Read>,
}
