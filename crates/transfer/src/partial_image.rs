//! Partial images, which keep the lower layers of an image on the target until the whole image has arrived.
//!
//! A transfer in steps creates them, without a name, and removes them when it is complete. An interrupted transfer leaves
//! those that have arrived, so the next attempt sends only the rest. Labels record which image they belong to.

use dockerutils_oci::Digest;
use serde_json::json;

use crate::archive_image::{ArchiveImage, ArchiveLayer};
use crate::image::Image;

/// The label of partial images. Its value is the ID, at the source, of the image that they are a part of.
pub const PARTIAL_LABEL: &str = "org.dockerutils.part-of";

/// The label with the name that the whole image was to get. Once another image has arrived under that name, the partial
/// images of this one are obsolete.
pub const PARTIAL_NAME_LABEL: &str = "org.dockerutils.part-of-name";

/// Creates the image of the lower layers of another image, which is to get the name `name`.
pub(crate) fn partial_image(image: &Image, name: Option<&String>, layers: Vec<ArchiveLayer>) -> ArchiveImage {
    let diff_ids: Vec<Digest> = layers.iter().map(|layer| layer.diff_id).collect();
    let mut labels = json!({ PARTIAL_LABEL: image.id });
    if let Some(name) = name {
        labels[PARTIAL_NAME_LABEL] = json!(name);
    }
    let config = json!({
        "architecture": image.platform.architecture,
        "os": image.platform.os,
        "config": { "Labels": labels },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
    });
    ArchiveImage { references: Vec::new(), config: config.to_string().into_bytes(), layers, tree: None }
}
