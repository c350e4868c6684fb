//! The names of entries in an archive of images, and what each entry is.
//!
//! Docker before 25 writes folders `<id>/` with `VERSION`, `json` and `layer.tar`, and `<digest>.json` for every image.
//! Later versions write `blobs/sha256/<digest>`, the layout of the OCI image specification.

use dockerutils_oci::Digest;

/// An entry, by its name. The digest of a folder is the layer's ID in docker's old format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Member {
    /// `blobs/sha256/<digest>`.
    Blob(Digest),
    /// `<digest>.json`: the configuration of an image.
    Config(Digest),
    /// `<id>/json`.
    LegacyJson(Digest),
    /// `<id>/layer.tar`.
    LegacyLayer(Digest),
    /// `manifest.json`: docker's own list of the images.
    ManifestJson,
    /// `index.json`, `oci-layout` or `repositories`, which hold nothing that `manifest.json` lacks.
    Other(&'static str),
    /// `<id>/VERSION`, which is always `1.0`.
    LegacyVersion(Digest),
    /// `blobs` or `blobs/sha256`.
    Folder(&'static str),
    /// `<id>`.
    LegacyFolder(Digest),
}

impl Member {
    /// Parses the name of an entry. `None` for a name that docker does not use.
    pub(super) fn parse(name: &str) -> Option<Self> {
        // The type of the entry is checked by the reader of the archive.
        let name = name.strip_suffix('/').unwrap_or(name);
        match name {
            "manifest.json" => return Some(Member::ManifestJson),
            "index.json" => return Some(Member::Other("index.json")),
            "oci-layout" => return Some(Member::Other("oci-layout")),
            "repositories" => return Some(Member::Other("repositories")),
            "blobs" => return Some(Member::Folder("blobs")),
            "blobs/sha256" => return Some(Member::Folder("blobs/sha256")),
            _ => {}
        }
        if let Some(hex) = name.strip_prefix("blobs/sha256/") {
            return Digest::from_hex(hex).map(Member::Blob);
        }
        if let Some(hex) = name.strip_suffix(".json") {
            return Digest::from_hex(hex).map(Member::Config);
        }
        Member::parse_legacy(name)
    }

    fn parse_legacy(name: &str) -> Option<Self> {
        let (hex, file) = name.split_once('/').map_or((name, None), |(hex, file)| (hex, Some(file)));
        let id = Digest::from_hex(hex)?;
        match file {
            None => Some(Member::LegacyFolder(id)),
            Some("json") => Some(Member::LegacyJson(id)),
            Some("layer.tar") => Some(Member::LegacyLayer(id)),
            Some("VERSION") => Some(Member::LegacyVersion(id)),
            Some(_) => None,
        }
    }

    /// Parses the name that `manifest.json` has for a layer: `<id>/layer.tar` or `blobs/sha256/<digest>`.
    pub(super) fn parse_layer(name: &str) -> Option<Self> {
        Member::parse(name).filter(|member| matches!(member, Member::Blob(_) | Member::LegacyLayer(_)))
    }

    /// Parses the name that `manifest.json` has for a configuration: `<digest>.json` or `blobs/sha256/<digest>`.
    pub(super) fn parse_config(name: &str) -> Option<Digest> {
        match Member::parse(name)? {
            Member::Blob(digest) | Member::Config(digest) => Some(digest),
            _ => None,
        }
    }

    /// Returns whether the entry must be a folder.
    pub(super) fn is_folder(self) -> bool {
        matches!(self, Member::Folder(_) | Member::LegacyFolder(_))
    }
}
