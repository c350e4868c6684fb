//! Containerd's content store: a folder of blobs, named by their digests.
//!
//! <https://github.com/containerd/containerd/blob/main/docs/content-flow.md>

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use dockerutils_oci::{Descriptor, Digest};

use super::layer::StoredLayer;
use crate::image::Image;
use crate::source::document::{self, Description};
use crate::source::invalid_content::InvalidContent;
use crate::source::sink::ReadImage;

/// The folder of blobs, below containerd's own folder.
const BLOBS: &str = "io.containerd.content.v1.content/blobs/sha256";

/// A content store.
#[derive(Debug)]
pub(in crate::source) struct ContainerdStore {
    blobs: PathBuf,
}

impl ContainerdStore {
    /// Opens the store of the containerd that the engine with this folder has started, or else of the system's containerd.
    pub(super) fn open(folder: &Path, root: &Path) -> Option<Self> {
        // An engine starts a containerd of its own unless the system's is running.
        let own = folder.join("containerd/daemon").join(BLOBS);
        let system = root.join("var/lib/containerd").join(BLOBS);
        [own, system].into_iter().find(|blobs| blobs.is_dir()).map(|blobs| ContainerdStore { blobs })
    }

    pub(in crate::source) fn describe(&self, image: &Image) -> Option<ReadImage> {
        let description = document::describe::<InvalidContent>(image, |digest| Ok(self.document(digest)));
        let Description { config, config_digest, blobs, left_out, tree } = description.ok()?;
        let layers = blobs?.into_iter().map(Some).collect();
        let exists = |blob: &Descriptor| self.size(&blob.digest) == Some(blob.size);
        let tree = tree.filter(|tree| tree.blobs.iter().all(exists));
        Some(ReadImage { config, config_digest, layers, left_out, tree })
    }

    /// Opens the blob of a layer. Two images may have different blobs of one layer, and any of them will do.
    pub(super) fn open_layer(
        &self,
        images: &[Image],
        read: &[ReadImage],
        diff_id: &Digest,
    ) -> Option<StoredLayer> {
        let layers = images.iter().zip(read).flat_map(|(image, read)| image.layers.iter().zip(&read.layers));
        let blobs =
            layers.filter(|(layer, _)| layer.diff_id == *diff_id).filter_map(|(_, blob)| blob.as_ref());
        let blob = blobs.into_iter().find(|blob| self.size(&blob.digest) == Some(blob.size))?.clone();
        let content = dockerutils_file::open(&self.path(&blob.digest)).ok()?;
        Some(StoredLayer { blob, content: Box::new(content) })
    }

    /// Opens a blob.
    pub(super) fn open_blob(&self, blob: &Descriptor) -> Option<File> {
        dockerutils_file::open(&self.path(&blob.digest)).ok()
    }

    /// Returns a document by its digest.
    pub(in crate::source) fn document(&self, digest: &Digest) -> Option<Vec<u8>> {
        if self.size(digest)? > document::MAX_SIZE {
            return None;
        }
        dockerutils_file::read(&self.path(digest)).ok().filter(|bytes| Digest::of(bytes) == *digest)
    }

    fn size(&self, digest: &Digest) -> Option<u64> {
        fs::metadata(self.path(digest)).ok().filter(fs::Metadata::is_file).map(|file| file.len())
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.blobs.join(digest.hex())
    }
}
