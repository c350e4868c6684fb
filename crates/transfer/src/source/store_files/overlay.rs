//! The classic store with the driver overlay2 or fuse-overlayfs: unpacked layers, and for each one what its archive held
//! besides files.
//!
//! `image/<driver>/layerdb/sha256/<chain ID>` describes a layer, `<driver>/<cache ID>/diff` holds its files, and
//! `tar-split.json.gz` shows how to put them together again. Docker itself does so with
//! [tar-split](https://github.com/vbatts/tar-split).

use std::fs;
use std::path::{Path, PathBuf};

use dockerutils_oci::{Descriptor, Digest, chain_ids};

use super::layer::StoredLayer;
use super::tar_split::{AssembledArchive, TarSplit};
use super::tree::Tree;
use crate::image::Image;
use crate::source::document::{self, Config};
use crate::source::left_out::LeftOut;
use crate::source::sink::ReadImage;

const TAR_SPLIT: &str = "tar-split.json.gz";

/// The folders of a store.
#[derive(Debug)]
pub(in crate::source) struct OverlayStore {
    images: PathBuf,
    layers: PathBuf,
}

impl OverlayStore {
    /// Opens the store of the engine with this folder, if its files can be read.
    pub(super) fn open(folder: &Path, driver: &str) -> Option<Self> {
        let store = OverlayStore { images: folder.join("image").join(driver), layers: folder.join(driver) };
        fs::read_dir(store.images.join("layerdb")).is_ok().then_some(store)
    }

    pub(super) fn describe(&self, image: &Image) -> Option<ReadImage> {
        let file = self.images.join("imagedb/content/sha256").join(image.id.hex());
        if fs::metadata(&file).ok()?.len() > document::MAX_SIZE {
            return None;
        }
        let config = dockerutils_file::read(&file).ok()?;
        let is_of_image = Digest::of(&config) == image.id
            && document::parse("config", &config).is_ok_and(|config: Config| config.is_of(image));
        // The sizes are not known before the layers are opened.
        let layers = vec![None; image.layers.len()];
        let left_out = LeftOut::default();
        is_of_image.then_some(ReadImage { config, config_digest: image.id, layers, left_out, tree: None })
    }

    /// Returns the bytes of a layer's archive.
    pub(super) fn layer_size(&self, images: &[Image], diff_id: &Digest) -> Option<u64> {
        let folder = self.folder(images, diff_id)?;
        TarSplit::open(&folder.join(TAR_SPLIT)).ok()?.archive_size(|_, _| Ok(())).ok()
    }

    pub(super) fn open_layer(&self, images: &[Image], diff_id: &Digest) -> Option<StoredLayer> {
        let folder = self.folder(images, diff_id)?;
        let tar_split = folder.join(TAR_SPLIT);
        let cache_id = dockerutils_file::read_to_string(&folder.join("cache-id")).ok()?;
        // It becomes a component of a path.
        if cache_id.is_empty() || !cache_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let mut tree = Tree::open(&self.layers.join(cache_id).join("diff")).ok()?;
        // Every file is opened once before the first byte is delivered, while `docker save` can still take over.
        let open_file = |name: &[u8], size| tree.open_file(name, size).map(|_| ());
        let size = TarSplit::open(&tar_split).ok()?.archive_size(open_file).ok()?;
        let content = Box::new(AssembledArchive::new(TarSplit::open(&tar_split).ok()?, tree));
        Some(StoredLayer { blob: Descriptor::of_layer(*diff_id, size), content })
    }

    /// Returns the folder that describes a layer. The layer may be on top of different layers in different images, and
    /// any of its folders will do.
    fn folder(&self, images: &[Image], diff_id: &Digest) -> Option<PathBuf> {
        let layers = self.images.join("layerdb/sha256");
        let mut folders = images.iter().flat_map(|image| {
            let diff_ids = || image.layers.iter().map(|layer| layer.diff_id);
            let of_layer = diff_ids().zip(chain_ids(diff_ids())).filter(|(layer, _)| layer == diff_id);
            of_layer.map(|(_, chain)| layers.join(chain.hex())).collect::<Vec<_>>()
        });
        folders.find(|folder| {
            dockerutils_file::read_to_string(&folder.join("diff"))
                .is_ok_and(|text| text.parse() == Ok(*diff_id))
        })
    }
}
