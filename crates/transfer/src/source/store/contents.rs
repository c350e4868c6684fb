//! Containerd's content store: a folder of blobs, named by their digests.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::Stored;
use crate::Image;
use crate::source::document::{self, Described};
use crate::source::{InvalidContent, ReadImage};
use dockerutils_oci::Digest;

/// Where a containerd keeps its blobs, below its own folder.
const BLOBS: &str = "io.containerd.content.v1.content/blobs/sha256";

/// A content store.
#[derive(Debug)]
pub(in crate::source) struct Contents {
    folder: PathBuf,
}

impl Contents {
    /// That of the containerd which an engine with this folder started, or of the system's, whose `/` is at `root`.
    pub(super) fn new(folder: &Path, root: &Path) -> Option<Self> {
        let own = folder.join("containerd/daemon").join(BLOBS);
        let systems = root.join("var/lib/containerd").join(BLOBS);
        [own, systems].into_iter().find(|folder| folder.is_dir()).map(|folder| Contents { folder })
    }

    pub(super) fn parts(&self, image: &Image) -> Option<ReadImage> {
        let found = document::describe::<InvalidContent>(image, |digest| Ok(self.document(digest)));
        let Described { config, config_digest, blobs } = found.ok()?;
        let layers = blobs?.into_iter().map(Some).collect();
        Some(ReadImage { config, config_digest, layers })
    }

    /// What stands for a layer in the images that have these parts.
    pub(super) fn layer(&self, images: &[Image], parts: &[ReadImage], diff_id: &Digest) -> Option<Stored> {
        let pairs =
            images.iter().zip(parts).flat_map(|(image, parts)| image.layers.iter().zip(&parts.layers));
        let mut blobs =
            pairs.filter(|(layer, _)| layer.diff_id == *diff_id).filter_map(|(_, blob)| blob.as_ref());
        let blob = blobs.find(|blob| self.size(&blob.digest) == Some(blob.size))?.clone();
        let content = File::open(self.path(&blob.digest)).ok()?;
        Some(Stored { blob, content: Box::new(content) })
    }

    fn document(&self, digest: &Digest) -> Option<Vec<u8>> {
        let size = self.size(digest)?;
        let bytes = (size <= document::MOST).then(|| fs::read(self.path(digest)).ok()).flatten();
        bytes.filter(|bytes| Digest::of(bytes) == *digest)
    }

    fn size(&self, digest: &Digest) -> Option<u64> {
        fs::metadata(self.path(digest)).ok().filter(fs::Metadata::is_file).map(|file| file.len())
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.hex())
    }
}
