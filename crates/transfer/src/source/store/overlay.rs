//! The classic store with the driver overlay2: layers unpacked, and for each what its archive held besides files.
//!
//! `image/overlay2/layerdb/sha256/<chain ID>` tells of a layer, `overlay2/<cache ID>/diff` has its files, and
//! `tar-split.json.gz` puts them together again; see github.com/vbatts/tar-split, which docker uses for the same.

mod split;

use std::fs;
use std::path::{Path, PathBuf};

use self::split::{Assembly, Entries};
use super::Stored;
use super::tree::Tree;
use crate::Image;
use crate::source::document::{self, Config};
use crate::source::{ReadImage, plain};
use dockerutils_oci::Digest;
use dockerutils_oci::chain_ids;

/// The folders of a store.
#[derive(Debug)]
pub(in crate::source) struct Overlay {
    images: PathBuf,
    layers: PathBuf,
}

impl Overlay {
    /// The store of an engine with this folder, if we can look into it.
    pub(super) fn new(folder: &Path) -> Option<Self> {
        let overlay = Overlay { images: folder.join("image/overlay2"), layers: folder.join("overlay2") };
        fs::read_dir(overlay.images.join("layerdb")).is_ok().then_some(overlay)
    }

    pub(super) fn parts(&self, image: &Image) -> Option<ReadImage> {
        let file = self.images.join("imagedb/content/sha256").join(image.id.hex());
        let size = fs::metadata(&file).ok()?.len();
        let config = (size <= document::MOST).then(|| fs::read(file).ok()).flatten()?;
        let is_it = Digest::of(&config) == image.id
            && document::parse("config", &config).is_ok_and(|config: Config| config.is_of(image));
        let layers = vec![None; image.layers.len()];
        is_it.then_some(ReadImage { config, config_digest: image.id, layers })
    }

    /// The bytes of a layer's archive.
    pub(in crate::source) fn size(&self, images: &[Image], diff_id: &Digest) -> Option<u64> {
        Entries::open(&self.split(images, diff_id)?).ok()?.size(|_, _| Ok(())).ok()
    }

    pub(super) fn layer(&self, images: &[Image], diff_id: &Digest) -> Option<Stored> {
        let folder = self.folder(images, diff_id)?;
        let split = folder.join(SPLIT);
        let cache_id = fs::read_to_string(folder.join("cache-id")).ok()?;
        if cache_id.is_empty() || !cache_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let mut tree = Tree::open(&self.layers.join(cache_id).join("diff")).ok()?;
        // Each file is looked at before the first byte is handed over: it is still time to ask docker.
        let size = Entries::open(&split).ok()?.size(|name, size| tree.file(name, size).map(|_| ())).ok()?;
        let content = Box::new(Assembly::new(Entries::open(&split).ok()?, tree));
        Some(Stored { blob: plain(*diff_id, size), content })
    }

    fn split(&self, images: &[Image], diff_id: &Digest) -> Option<PathBuf> {
        self.folder(images, diff_id).map(|folder| folder.join(SPLIT))
    }

    /// The folder that tells of a layer, upon whatever it lies.
    fn folder(&self, images: &[Image], diff_id: &Digest) -> Option<PathBuf> {
        let layers = self.images.join("layerdb/sha256");
        let mut folders = images.iter().flat_map(|image| {
            let diff_ids = || image.layers.iter().map(|layer| layer.diff_id);
            let of_layer = diff_ids().zip(chain_ids(diff_ids())).filter(|(layer, _)| layer == diff_id);
            of_layer.map(|(_, chain)| layers.join(chain.hex())).collect::<Vec<_>>()
        });
        let is_it = |folder: &PathBuf| {
            fs::read_to_string(folder.join("diff")).is_ok_and(|text| text.parse() == Ok(*diff_id))
        };
        folders.find(is_it)
    }
}

const SPLIT: &str = "tar-split.json.gz";
