//! Descriptors, which refer to content.

use serde::{Deserialize, Serialize};

use crate::{Digest, media_type};

/// The type, digest and size of some content.
///
/// <https://github.com/opencontainers/image-spec/blob/main/descriptor.md>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The type of the content, for example [`media_type::LAYER_GZIP`].
    pub media_type: String,
    /// The digest of the content.
    pub digest: Digest,
    /// The size of the content in bytes.
    pub size: u64,
}

impl Descriptor {
    /// Describes these bytes.
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
        Descriptor { media_type: media_type.to_owned(), digest, size }
    }

    /// Describes a layer that is not compressed, whose digest is therefore its diff ID.
    pub fn of_layer(diff_id: Digest, size: u64) -> Self {
        Descriptor { media_type: media_type::LAYER.to_owned(), digest: diff_id, size }
    }

    /// Replaces docker's own media type of a layer by the specification's.
    #[must_use]
    pub fn with_oci_media_type(mut self) -> Self {
        self.media_type = media_type::of_layer(&self.media_type).to_owned();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_is_written_as_the_specification_defines() {
        let descriptor = Descriptor::of(media_type::CONFIG, b"{}");
        let digest = Digest::of("{}");
        let text = format!(
            r#"{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{digest}","size":2}}"#
        );
        assert_eq!(serde_json::to_string(&descriptor).unwrap(), text);
        assert_eq!(serde_json::from_str::<Descriptor>(&text).unwrap(), descriptor);
    }

    #[test]
    fn a_layer_with_docker_s_media_type_gets_the_specification_s() {
        let mut layer = Descriptor::of("application/vnd.docker.image.rootfs.diff.tar.gzip", b"");
        layer = layer.with_oci_media_type();
        assert_eq!(layer.media_type, media_type::LAYER_GZIP);
        let other = Descriptor::of("application/x", b"");
        assert_eq!(other.clone().with_oci_media_type(), other);
    }
}
