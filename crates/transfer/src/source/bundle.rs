//! Images of a file, as `transfer-image --bundle` and `docker save` write it.

use std::collections::HashMap;
use std::io::{BufReader, Read};
use std::path::Path;

use dockerutils_oci::{Descriptor, Digest, Manifest, Platform, Reference};
use flate2::read::MultiGzDecoder;

use super::archive::{self, Held};
use super::archive_reader::read_archive;
use super::blobs;
use super::bundle_file::BundleFile;
use super::checked::CheckedReader;
use super::document::{self, Config, ManifestJsonEntry};
use super::error::Error;
use super::invalid_content::{InvalidContent, printable};
use super::member::Member;
use super::sink::{Order, ReadImage, Sink};
use super::zstd_layer;
use crate::image::{Image, Layer};

/// The first bytes of a gzip member, RFC 1952, section 2.3.1.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// How much of a file is read at once.
const READ_SIZE: usize = 1 << 20;

/// Images of a file.
#[derive(Debug)]
pub struct BundleSource {
    file: BundleFile,
    pub(super) images: Vec<Image>,
    /// The digests of the images' configurations.
    configs: Vec<Digest>,
}

/// The documents of an archive, without its layers.
#[derive(Default)]
pub(super) struct Listing {
    manifest_json: Option<Vec<ManifestJsonEntry>>,
    documents: HashMap<Digest, Vec<u8>>,
    /// The sizes of the files that may be layers.
    sizes: HashMap<Member, u64>,
    /// The layers that a link leads to, by the ID of the folder with the link.
    links: HashMap<Digest, Digest>,
}

impl BundleSource {
    /// Lists the images of a file. A layer that the file leaves out has no size.
    pub(super) fn new(file: BundleFile) -> Result<Self, Error> {
        let images = list_images(&file).map_err(|error| of_file(&file.path, error))?;
        let (images, configs) = images.into_iter().unzip();
        Ok(BundleSource { file, images, configs })
    }

    /// Returns the IDs that engines may have for an image: containerd's store that of its manifest, the classic store that
    /// of its configuration.
    pub(super) fn ids(&self, image: &Image) -> Vec<Digest> {
        let index = self.images.iter().position(|other| other.id == image.id);
        let config = index.and_then(|index| self.configs.get(index).copied());
        [image.id].into_iter().chain(config.filter(|config| *config != image.id)).collect()
    }

    pub(super) fn read(
        &self,
        wanted: &[Digest],
        order: Order,
        sink: &mut dyn Sink,
    ) -> Result<Vec<ReadImage>, Error> {
        read_archive(unpack(&self.file)?, &self.images, wanted, order, sink)
            .map_err(|error| of_file(&self.file.path, error))
    }
}

impl BundleSource {
    /// Reads the file for these blobs alone.
    pub(super) fn read_blobs(&self, blobs: &[Descriptor], sink: &mut dyn Sink) -> Result<(), Error> {
        blobs::read_archive(&mut *unpack(&self.file)?, blobs, sink)
            .map_err(|error| of_file(&self.file.path, error))
    }
}

/// Attributes a broken archive to its file.
fn of_file(path: &Path, error: Error) -> Error {
    match error {
        Error::Archive(invalid) => Error::Bundle { path: path.to_owned(), invalid },
        error => error,
    }
}

/// Starts to read a file, and unpacks it while it is read.
fn unpack(file: &BundleFile) -> Result<Box<dyn Read>, Error> {
    let failed = |source| Error::File { path: file.path.clone(), source };
    let mut start = Vec::new();
    file.reader().take(zstd_layer::MAGIC as u64).read_to_end(&mut start).map_err(failed)?;
    let file = BufReader::with_capacity(READ_SIZE, file.reader());
    if start.starts_with(&GZIP) {
        // Bundles consist of many members; a plain decoder would stop after the first one.
        Ok(Box::new(MultiGzDecoder::new(file)))
    } else if zstd_layer::is_zstd(&start) {
        Ok(Box::new(zstd::Decoder::new(file).map_err(failed)?))
    } else {
        Ok(Box::new(file))
    }
}

/// Returns the images of a file, each with the digest of its configuration.
fn list_images(file: &BundleFile) -> Result<Vec<(Image, Digest)>, Error> {
    let mut listing = Listing::read(&mut *unpack(file)?)?;
    let entries = listing.manifest_json.take();
    let entries = entries.ok_or_else(|| InvalidContent::Missing("manifest.json".to_owned()))?;
    if entries.is_empty() {
        return Err(InvalidContent::NoImage.into());
    }
    Ok(entries.iter().map(|entry| listing.image(entry)).collect::<Result<_, InvalidContent>>()?)
}

impl Listing {
    /// Reads an archive to its end.
    pub(super) fn read(archive: &mut dyn Read) -> Result<Self, Error> {
        let mut listing = Listing::default();
        archive::visit_members(archive, |member, held| listing.visit(member, held))?;
        Ok(listing)
    }

    /// Returns a document by its digest.
    pub(super) fn document(&self, digest: &Digest) -> Option<&Vec<u8>> {
        self.documents.get(digest)
    }

    fn visit(&mut self, member: Member, held: Held<'_>) -> Result<(), Error> {
        let (content, size) = match (held, member) {
            (Held::File(content, size), _) => (content, size),
            (Held::Link(target), Member::LegacyLayer(id)) => {
                self.links.insert(id, target);
                return Ok(());
            }
            (Held::Link(_), _) => return Ok(()),
        };
        // A layer without a size is one that the file leaves out.
        self.sizes.insert(member, size);
        match member {
            Member::Blob(digest) | Member::Config(digest) if size <= document::MAX_SIZE => {
                let bytes = CheckedReader::with_digest(content, size, digest).read_all()?;
                // A layer may be as small as a document, but a tar archive never begins like JSON.
                if bytes.first() == Some(&b'{') {
                    self.documents.insert(digest, bytes);
                }
            }
            Member::ManifestJson => {
                document::check_size("manifest.json", size)?;
                let bytes = CheckedReader::new(content, size, "manifest.json".to_owned(), None).read_all()?;
                self.manifest_json = Some(document::parse("manifest.json", &bytes)?);
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns an image and the digest of its configuration.
    fn image(&self, entry: &ManifestJsonEntry) -> Result<(Image, Digest), InvalidContent> {
        let missing = |name: &str| InvalidContent::Missing(name.to_owned());
        let digest = Member::parse_config(&entry.config).ok_or_else(|| missing(&entry.config))?;
        let name = digest.to_string();
        let bytes = self.documents.get(&digest).ok_or_else(|| missing(&name))?;
        let config: Config = document::parse(&name, bytes)?;
        let platform: Platform = document::parse(&name, bytes)?;
        let manifest = self.manifest_of(digest);
        let files = entry.layers.as_deref().unwrap_or_default();
        let size = |index: usize| self.size(files.get(index)?);
        let layers = config.diff_ids().iter().enumerate();
        let layers: Vec<Layer> =
            layers.map(|(index, &diff_id)| Layer { diff_id, size: size(index) }).collect();
        let image = Image {
            // Containerd's store, which needs a manifest, knows the image by it.
            id: manifest.as_ref().map_or(digest, |(id, _)| *id),
            references: references(entry)?,
            platform,
            size: layers.iter().filter_map(|layer| layer.size).sum(),
            layers,
        };
        Ok((image, digest))
    }

    /// Returns the size of a layer's file by the name that `manifest.json` has for it.
    fn size(&self, file: &str) -> Option<u64> {
        let member = match Member::parse_layer(file)? {
            // Docker 20.10 links to a layer that another image of the file has.
            Member::LegacyLayer(id) => Member::LegacyLayer(self.links.get(&id).copied().unwrap_or(id)),
            member => member,
        };
        self.sizes.get(&member).copied()
    }

    /// Finds the manifest that names this configuration, and its digest.
    fn manifest_of(&self, config: Digest) -> Option<(Digest, Manifest)> {
        let hex = config.hex();
        self.documents.iter().find_map(|(digest, bytes)| {
            // Parsing every document for every image would take long for a file of many images.
            let mentions = bytes.windows(hex.len()).any(|window| window == hex.as_bytes());
            let manifest: Manifest = serde_json::from_slice(mentions.then_some(bytes)?).ok()?;
            (manifest.config.digest == config).then_some((*digest, manifest))
        })
    }
}

/// How many names an image may have. Each is looked up before it is moved.
const MAX_NAMES: usize = 1000;

/// Returns the names of an image. They become lines of a script's input, so each must be one that docker accepts.
fn references(entry: &ManifestJsonEntry) -> Result<Vec<String>, InvalidContent> {
    let names = entry.repo_tags.clone().unwrap_or_default();
    if names.len() > MAX_NAMES {
        return Err(InvalidContent::TooManyNames(MAX_NAMES));
    }
    let is_name = |name: &str| Reference::parse(name).is_ok_and(|name| name.digest().is_none());
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(InvalidContent::Name(printable(name.as_bytes()))),
        None => Ok(names),
    }
}
