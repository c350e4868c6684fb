//! Partial images: the lower layers of an image, kept by an image of their own until the whole one is there.
//!
//! A transfer in steps leaves them while it lasts, without a name, and removes them when it is through. One that was
//! interrupted leaves those that arrived, so that the next try sends only the rest; its label tells whose they are.

use serde_json::json;

use crate::{ArchiveImage, ArchiveLayer, Image};
use dockerutils_oci::Digest;

/// The label of partial images; its value is the ID, at the source, of the image that they are part of.
pub const PARTIAL_LABEL: &str = "org.dockerutils.part-of";

/// The label of partial images of an image that is to have a name: when another image has come by that name, nobody waits
/// for this one any more.
pub const PARTIAL_NAME_LABEL: &str = "org.dockerutils.part-of-name";

/// The image that holds these lower layers of another, which is to have this name.
pub(crate) fn partial(image: &Image, name: Option<&String>, layers: Vec<ArchiveLayer>) -> ArchiveImage {
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
    ArchiveImage { references: Vec::new(), config: config.to_string().into_bytes(), layers }
}
