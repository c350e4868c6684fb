//! The files of an engine's own store. Reading a layer from them costs no more than the layer, while `docker save` costs
//! as much as the whole image.
//!
//! Anything unknown about the files makes the caller use `docker save` instead. Reading a wrong store, such as that of
//! another engine at the same path, does no harm: everything is checked against its digest.

mod containerd;
mod layer;
mod overlay;
mod tar_split;
mod tree;

use std::fs::File;
use std::path::Path;

use dockerutils_oci::{Descriptor, Digest};

use self::containerd::ContainerdStore;
use self::layer::StoredLayer;
use self::overlay::OverlayStore;
use super::engine_info::EngineInfo;
use super::sink::ReadImage;
use crate::image::Image;

/// The storage drivers whose folders are known. Both have the files of a layer in a folder `diff`.
const DRIVERS: [&str; 2] = ["overlay2", "fuse-overlayfs"];

/// A store whose files can be read.
#[derive(Debug)]
pub(super) enum StoreFiles {
    /// The classic store with one of the [`DRIVERS`].
    Overlay(OverlayStore),
    /// Containerd's store.
    Containerd(ContainerdStore),
}

impl StoreFiles {
    /// Opens the store that `docker info` describes, with the engine's `/` at `root`. `None` if it is of another kind, or
    /// if its files cannot be read.
    pub(super) fn open(info: &EngineInfo, root: &Path) -> Option<Self> {
        let folder = root.join(info.docker_root_dir.strip_prefix('/')?);
        if info.is_containerd() {
            return ContainerdStore::open(&folder, root).map(StoreFiles::Containerd);
        }
        // With metacopy, a file of a layer may have its content in a layer below.
        let is_known = DRIVERS.contains(&info.driver.as_str()) && !info.uses_metacopy();
        is_known.then(|| OverlayStore::open(&folder, &info.driver)).flatten().map(StoreFiles::Overlay)
    }

    /// Describes an image without reading its layers. `None` if any of its files is missing or unknown.
    pub(super) fn describe(&self, image: &Image) -> Option<ReadImage> {
        match self {
            StoreFiles::Overlay(overlay) => overlay.describe(image),
            StoreFiles::Containerd(containerd) => containerd.describe(image),
        }
    }

    /// Returns the ID that an engine with a classic store gives an image: the digest of the configuration. `None` if that is
    /// the ID of the image already.
    pub(super) fn classic_id(&self, image: &Image) -> Option<Digest> {
        match self {
            StoreFiles::Overlay(_) => None,
            StoreFiles::Containerd(containerd) => containerd.describe(image).map(|read| read.config_digest),
        }
    }

    /// Sets the sizes of the images' layers as far as that costs nothing.
    pub(super) fn set_sizes(&self, images: &mut [Image]) {
        let StoreFiles::Containerd(containerd) = self else { return };
        for image in images {
            let blobs = containerd.describe(image).map(|read| read.layers).unwrap_or_default();
            for (layer, blob) in image.layers.iter_mut().zip(blobs) {
                layer.size = blob.map(|blob| blob.size);
            }
        }
    }

    /// Returns the bytes of a layer's archive, if the classic store has it.
    pub(super) fn layer_size(&self, images: &[Image], diff_id: &Digest) -> Option<u64> {
        match self {
            StoreFiles::Overlay(overlay) => overlay.layer_size(images, diff_id),
            StoreFiles::Containerd(_) => None,
        }
    }

    /// Opens a blob of containerd's store.
    pub(super) fn open_blob(&self, blob: &Descriptor) -> Option<File> {
        match self {
            StoreFiles::Overlay(_) => None,
            StoreFiles::Containerd(containerd) => containerd.open_blob(blob),
        }
    }

    /// Opens a layer of images that have been described.
    pub(super) fn open_layer(
        &self,
        images: &[Image],
        read: &[ReadImage],
        diff_id: &Digest,
    ) -> Option<StoredLayer> {
        match self {
            StoreFiles::Overlay(overlay) => overlay.open_layer(images, diff_id),
            StoreFiles::Containerd(containerd) => containerd.open_layer(images, read, diff_id),
        }
    }
}
