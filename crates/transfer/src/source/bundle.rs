//! A file of images, as `transfer-image --bundle` and `docker save` write it: what images it holds, and which of their
//! layers.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::archive::{self, Held, Member};
use super::content::Checked;
use super::document::{self, Config, Listed, Manifest};
use super::{Error, InvalidContent};
use crate::{Image, Layer};
use dockerutils_oci::{Digest, Platform};

/// The first bytes of a gzip member, RFC 1952, and of a zstd frame, RFC 8878.
const GZIP: [u8; 2] = [0x1F, 0x8B];
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// A file of images.
#[derive(Debug)]
pub(super) struct Bundle {
    path: PathBuf,
}

/// What is learnt of the file before a layer is read.
#[derive(Default)]
struct Contents {
    list: Option<Vec<Listed>>,
    documents: HashMap<Digest, Vec<u8>>,
    sizes: HashMap<Digest, u64>,
}

impl Bundle {
    /// The file at this path.
    pub(super) fn at(path: &Path) -> Self {
        Bundle { path: path.to_owned() }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its archive, unpacked.
    pub(super) fn open(&self) -> Result<Box<dyn Read>, Error> {
        let failed = |source| Error::File { path: self.path.clone(), source };
        let mut file = File::open(&self.path).map_err(failed)?;
        let mut start = Vec::new();
        file.by_ref().take(ZSTD.len() as u64).read_to_end(&mut start).map_err(failed)?;
        file.rewind().map_err(failed)?;
        let file = BufReader::with_capacity(1 << 20, file);
        if start.starts_with(&GZIP) {
            Ok(Box::new(MultiGzDecoder::new(file)))
        } else if start == ZSTD {
            Ok(Box::new(zstd::Decoder::new(file).map_err(failed)?))
        } else {
            Ok(Box::new(file))
        }
    }

    /// The images that it lists; a layer that it leaves out has no size.
    pub(super) fn images(&self) -> Result<Vec<Image>, Error> {
        let mut contents = Contents::default();
        archive::each_member(&mut *self.open()?, |member, held| contents.take(member, held))?;
        let list = contents.list.take().ok_or_else(|| InvalidContent::Missing("manifest.json".to_owned()))?;
        Ok(list.iter().map(|listed| contents.image(listed)).collect::<Result<_, InvalidContent>>()?)
    }
}

impl Contents {
    fn take(&mut self, member: Member, held: Held<'_>) -> Result<(), Error> {
        let Held::File(content, size) = held else { return Ok(()) };
        match member {
            Member::Blob(digest) | Member::Config(digest) => {
                self.sizes.insert(digest, size);
                // A layer may be as small as a document; it is not kept as one.
                if size <= document::MOST {
                    let bytes = Checked::of(content, size, digest).read_all()?;
                    if bytes.first() == Some(&b'{') {
                        self.documents.insert(digest, bytes);
                    }
                }
            }
            Member::Manifest if size <= document::MOST => {
                let bytes = Checked::new(content, size, "manifest.json".to_owned(), None).read_all()?;
                self.list = Some(document::parse("manifest.json", &bytes)?);
            }
            Member::Manifest => return Err(InvalidContent::Size("manifest.json".to_owned()).into()),
            _ => {}
        }
        Ok(())
    }

    fn image(&self, listed: &Listed) -> Result<Image, InvalidContent> {
        let digest = archive::config_named(&listed.config)
            .ok_or_else(|| InvalidContent::Missing(listed.config.clone()))?;
        let name = digest.to_string();
        let bytes = self.documents.get(&digest).ok_or_else(|| InvalidContent::Missing(name.clone()))?;
        let config: Config = document::parse(&name, bytes)?;
        let platform: Platform = document::parse(&name, bytes)?;
        let manifest = self.manifest(digest);
        let diff_ids = config.rootfs.diff_ids.unwrap_or_default();
        let blob = |index: usize| match &manifest {
            Some((_, manifest)) => manifest.layers.get(index).map(|blob| blob.digest),
            None => diff_ids.get(index).copied(),
        };
        let size = |index| blob(index).and_then(|blob| self.sizes.get(&blob).copied());
        let layers = diff_ids
            .iter()
            .enumerate()
            .map(|(index, diff_id)| Layer { diff_id: *diff_id, size: size(index) });
        let layers: Vec<Layer> = layers.collect();
        Ok(Image {
            id: manifest.as_ref().map_or(digest, |(id, _)| *id),
            references: listed.repo_tags.clone().unwrap_or_default(),
            platform,
            size: layers.iter().filter_map(|layer| layer.size).sum(),
            layers,
        })
    }

    /// The manifest of the image with this configuration, and its digest, if there is one.
    fn manifest(&self, config: Digest) -> Option<(Digest, Manifest)> {
        let manifest = |bytes: &[u8]| serde_json::from_slice::<Manifest>(bytes).ok();
        self.documents.iter().find_map(|(digest, bytes)| {
            // It names its configuration; what holds no such text is not parsed.
            let names = bytes.windows(64).any(|window| window == config.hex().as_bytes());
            let found = names.then(|| manifest(bytes)).flatten()?;
            (found.config.digest == config).then_some((*digest, found))
        })
    }
}
