//! Manifests, which list the configuration and the layers of an image, and indexes, which list manifests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Descriptor, Platform, media_type};

/// An image manifest.
///
/// <https://github.com/opencontainers/image-spec/blob/main/manifest.md>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    // The order of the fields decides the bytes, and so the digest by which containerd's store names an image.
    // Reading an image needs neither of the two, so a document may lack them.
    #[serde(default)]
    schema_version: u8,
    #[serde(default)]
    media_type: String,
    /// The image's configuration.
    pub config: Descriptor,
    /// The image's layers, the lowest first.
    pub layers: Vec<Descriptor>,
}

/// An image index.
///
/// <https://github.com/opencontainers/image-spec/blob/main/image-index.md>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    #[serde(default)]
    schema_version: u8,
    #[serde(default)]
    media_type: String,
    /// The manifests, usually one for each platform.
    pub manifests: Vec<IndexEntry>,
}

/// A manifest that an index lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// Type, digest and size of the manifest.
    #[serde(flatten)]
    pub manifest: Descriptor,
    /// The platform of the image, if the index names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Further properties, for example the name of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
}

impl Manifest {
    /// Creates the manifest of an image.
    pub fn new(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Manifest { schema_version: 2, media_type: media_type::MANIFEST.to_owned(), config, layers }
    }
}

impl Index {
    /// Creates an index of these manifests.
    pub fn new(manifests: Vec<IndexEntry>) -> Self {
        Index { schema_version: 2, media_type: media_type::INDEX.to_owned(), manifests }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_written_in_the_order_that_its_digest_depends_on() {
        let config = Descriptor::of(media_type::CONFIG, b"{}");
        let json = serde_json::to_string(&Manifest::new(config.clone(), Vec::new())).unwrap();
        let config = serde_json::to_string(&config).unwrap();
        let expected = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","config":{config},"layers":[]}}"#,
            media_type::MANIFEST
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn an_index_entry_may_have_a_platform_and_annotations() {
        let manifest = Descriptor::of(media_type::MANIFEST, b"{}");
        let platform = Some(Platform::new("linux", "arm64"));
        let annotations = Some(BTreeMap::from([("a".to_owned(), "b".to_owned())]));
        let bare = IndexEntry { manifest: manifest.clone(), platform: None, annotations: None };
        let index = Index::new(vec![bare, IndexEntry { manifest, platform, annotations }]);
        let json = serde_json::to_string(&index).unwrap();
        assert_eq!(serde_json::from_str::<Index>(&json).unwrap(), index);
        assert_eq!(json.matches("platform").count(), 1);
    }
}
