//! Media types of manifests, configurations and layers.
//!
//! <https://github.com/opencontainers/image-spec/blob/main/media-types.md>

/// An image manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An image index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// An image configuration.
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// A layer that is not compressed.
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
/// A layer that is compressed with gzip.
pub const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// A layer that is compressed with zstd.
pub const LAYER_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// Returns the specification's media type for a layer that has docker's own; any other type is returned as it is.
///
/// Both name the same content, and an OCI manifest should hold the specification's alone.
/// <https://github.com/opencontainers/image-spec/blob/main/media-types.md#compatibility-matrix>
pub fn of_layer(media_type: &str) -> &str {
    match media_type {
        "application/vnd.docker.image.rootfs.diff.tar" => LAYER,
        "application/vnd.docker.image.rootfs.diff.tar.gzip" => LAYER_GZIP,
        "application/vnd.docker.image.rootfs.diff.tar.zstd" => LAYER_ZSTD,
        other => other,
    }
}
