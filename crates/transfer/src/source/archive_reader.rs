//! Reads images and the requested layers from an archive, as a stream.

use std::collections::HashMap;
use std::io::Read;

use dockerutils_oci::{Descriptor, Digest};

use super::archive::{self, Held};
use super::checked::CheckedReader;
use super::document::{self, Description, ManifestJsonEntry};
use super::error::Error;
use super::invalid_content::InvalidContent;
use super::legacy::LayersByChain;
use super::member::Member;
use super::ordering::OrderedSink;
use super::sink::{LayerBlob, Order, ReadImage, Sink};
use super::spool::Spooled;
use crate::image::Image;

/// Reads an archive of images, as `docker save` writes it, to its end, and passes each of the `wanted` layers to `sink`.
///
/// # Errors
/// As [`Source::read_layers`](super::Source::read_layers).
pub fn read_archive(
    mut archive: impl Read,
    images: &[Image],
    wanted: &[Digest],
    order: Order,
    sink: &mut dyn Sink,
) -> Result<Vec<ReadImage>, Error> {
    ArchiveReader::new(images, OrderedSink::new(wanted, order, sink)).read(&mut archive)
}

/// A reader of an archive, with all that it has read so far.
pub(super) struct ArchiveReader<'a> {
    images: &'a [Image],
    sink: OrderedSink<'a>,
    /// The diff IDs of the images' layers, with their sizes once they were seen.
    layers: HashMap<Digest, Option<u64>>,
    /// Blobs that are not uncompressed layers: documents, or compressed layers whose manifests come later.
    spooled: HashMap<Digest, Spooled>,
    /// The sizes of these, and of those that are too large for a document and were not kept.
    seen: HashMap<Digest, u64>,
    /// Docker's own list of the images.
    manifest_json: Option<Vec<ManifestJsonEntry>>,
    layers_by_chain: Option<LayersByChain>,
    /// The `json` of the current folder.
    json: Option<(Digest, Vec<u8>)>,
    /// The diff IDs of the old format's layers, by the IDs of their folders.
    legacy: HashMap<Digest, Digest>,
    /// The folders that link to another folder's layer.
    links: HashMap<Digest, Digest>,
}

impl<'a> ArchiveReader<'a> {
    pub(super) fn new(images: &'a [Image], sink: OrderedSink<'a>) -> Self {
        let layers =
            images.iter().flat_map(|image| &image.layers).map(|layer| (layer.diff_id, None)).collect();
        ArchiveReader {
            images,
            sink,
            layers,
            spooled: HashMap::new(),
            seen: HashMap::new(),
            manifest_json: None,
            layers_by_chain: None,
            json: None,
            legacy: HashMap::new(),
            links: HashMap::new(),
        }
    }

    pub(super) fn read(mut self, archive: &mut dyn Read) -> Result<Vec<ReadImage>, Error> {
        archive::visit_members(archive, |member, held| self.visit(member, held))?;
        let images = self.images;
        let read = images.iter().map(|image| self.image(image)).collect::<Result<Vec<_>, _>>()?;
        // Compressed layers are delivered only after the manifests were read, so this comes last.
        self.sink.finish()?;
        Ok(read)
    }

    fn visit(&mut self, member: Member, held: Held<'_>) -> Result<(), Error> {
        let (content, size) = match held {
            Held::File(content, size) => (content, size),
            Held::Link(target) => {
                if let Member::LegacyLayer(id) = member {
                    self.links.insert(id, target);
                }
                return Ok(());
            }
        };
        match member {
            Member::Blob(digest) if self.layers.contains_key(&digest) => self.layer(digest, content, size),
            Member::Blob(digest) => self.unknown_blob(digest, content, size),
            Member::Config(digest) => {
                document::check_size(&digest.to_string(), size)?;
                self.unknown_blob(digest, content, size)
            }
            Member::LegacyJson(id) => {
                self.json = Some((id, read_document("json", content, size)?));
                Ok(())
            }
            Member::LegacyLayer(id) => self.legacy_layer(id, content, size),
            Member::ManifestJson => {
                let bytes = read_document("manifest.json", content, size)?;
                self.manifest_json = Some(document::parse("manifest.json", &bytes)?);
                Ok(())
            }
            Member::Other(_) | Member::LegacyVersion(_) | Member::Folder(_) | Member::LegacyFolder(_) => {
                Ok(())
            }
        }
    }

    /// Passes on an uncompressed layer.
    fn layer(&mut self, diff_id: Digest, content: &mut dyn Read, size: u64) -> Result<(), Error> {
        self.layers.insert(diff_id, Some(size));
        if self.sink.wants(&diff_id) {
            self.sink.emit(LayerBlob { diff_id, blob: Descriptor::of_layer(diff_id, size) }, content)?;
        }
        Ok(())
    }

    /// Keeps a blob that is a document or a compressed layer; only the manifests show which. A blob that is too large
    /// for a document is needed only while layers are missing.
    fn unknown_blob(&mut self, digest: Digest, content: &mut dyn Read, size: u64) -> Result<(), Error> {
        self.seen.insert(digest, size);
        if size <= document::MAX_SIZE || self.sink.wants_any() {
            let spooled = self.sink.spool(&mut CheckedReader::with_digest(content, size, digest))?;
            self.spooled.insert(digest, spooled);
        }
        Ok(())
    }

    /// Passes on a layer of the old format.
    fn legacy_layer(&mut self, id: Digest, content: &mut dyn Read, size: u64) -> Result<(), Error> {
        // Only archives of the old format need the chain IDs.
        let layers_by_chain = self.layers_by_chain.get_or_insert_with(|| LayersByChain::of(self.images));
        // Docker writes `json` before the layer. If it comes later, the layer is recognized by its digest below.
        let json = self.json.take().filter(|(of, _)| *of == id);
        if let Some(diff_id) = json.and_then(|(_, json)| layers_by_chain.recognize(&id, &json)) {
            self.legacy.insert(id, diff_id);
            return self.layer(diff_id, content, size);
        }
        // Only the digest of its content shows which layer it is, so it cannot be passed on while it is read.
        let mut content = CheckedReader::new(content, size, format!("layer {}", id.hex()), None);
        let spooled = self.sink.spool(&mut content)?;
        let diff_id = content.finish()?;
        self.legacy.insert(id, diff_id);
        if let Some(seen) = self.layers.get_mut(&diff_id) {
            *seen = Some(size);
            let blob = Descriptor::of_layer(diff_id, size);
            self.sink.emit_spooled(LayerBlob { diff_id, blob }, spooled)?;
        }
        Ok(())
    }

    /// Describes an image after the whole archive was read, and passes on its compressed layers.
    fn image(&mut self, image: &Image) -> Result<ReadImage, Error> {
        let Description { config, config_digest, blobs, left_out, tree } =
            document::describe(image, |digest| self.document(digest))?;
        let has_manifest = blobs.is_some();
        let layers = match blobs {
            Some(blobs) => self.blobs(image, blobs)?,
            None => self.uncompressed_layers(image),
        };
        // Of an index, docker lists only the platform that it would run. Another one has its manifest instead.
        if !has_manifest || self.is_listed(&config_digest) {
            self.check_manifest_json(image, &config_digest, &layers)?;
        }
        let tree =
            tree.filter(|tree| tree.blobs.iter().all(|blob| self.seen.get(&blob.digest) == Some(&blob.size)));
        Ok(ReadImage { config, config_digest, layers, left_out, tree })
    }

    fn uncompressed_layers(&self, image: &Image) -> Vec<Option<Descriptor>> {
        let blob = |diff_id| {
            let size = self.layers.get(&diff_id).copied().flatten()?;
            Some(Descriptor::of_layer(diff_id, size))
        };
        image.layers.iter().map(|layer| blob(layer.diff_id)).collect()
    }

    /// Returns the blobs of an image's layers, and passes on those that are still missing.
    fn blobs(&mut self, image: &Image, blobs: Vec<Descriptor>) -> Result<Vec<Option<Descriptor>>, Error> {
        for (layer, blob) in image.layers.iter().zip(&blobs) {
            let diff_id = layer.diff_id;
            if self.sink.wants(&diff_id) && blob.digest != diff_id {
                let missing = || InvalidContent::Missing(format!("layer {}", blob.digest));
                let spooled = *self.spooled.get(&blob.digest).ok_or_else(missing)?;
                // The digest of the blob has been checked, but the size comes from the manifest.
                if spooled.size != blob.size {
                    return Err(InvalidContent::Truncated(format!("layer {}", blob.digest)).into());
                }
                self.sink.emit_spooled(LayerBlob { diff_id, blob: blob.clone() }, spooled)?;
            }
        }
        Ok(blobs.into_iter().map(Some).collect())
    }

    /// Returns whether docker's own list is missing or has the image with this configuration.
    fn is_listed(&self, config: &Digest) -> bool {
        self.manifest_json
            .as_ref()
            .is_none_or(|entries| entries.iter().any(|entry| is_entry_of(entry, config)))
    }

    /// Checks that docker's own list agrees with what was read, because docker loads the archive by that list.
    fn check_manifest_json(
        &self,
        image: &Image,
        config: &Digest,
        blobs: &[Option<Descriptor>],
    ) -> Result<(), InvalidContent> {
        let missing = |what: String| InvalidContent::Missing(what);
        let entries = self.manifest_json.as_ref().ok_or_else(|| missing("manifest.json".to_owned()))?;
        let entry = entries.iter().find(|entry| is_entry_of(entry, config));
        let entry = entry.ok_or_else(|| missing(format!("image {} in manifest.json", image.id)))?;
        let files = entry.layers.as_deref().unwrap_or_default();
        let mut layers = files.iter().zip(&image.layers).zip(blobs);
        let is_same = files.len() == image.layers.len()
            && layers.all(|((file, layer), blob)| self.is_file_of(file, layer.diff_id, blob.as_ref()));
        if is_same { Ok(()) } else { Err(InvalidContent::Layers(image.id)) }
    }

    /// Returns whether a file in `manifest.json` is this layer.
    fn is_file_of(&self, file: &str, diff_id: Digest, blob: Option<&Descriptor>) -> bool {
        match Member::parse_layer(file) {
            // A layer that was neither requested nor seen may have been left out of the archive.
            Some(Member::Blob(digest)) => blob.is_none_or(|blob| blob.digest == digest),
            Some(Member::LegacyLayer(id)) => {
                let id = self.links.get(&id).unwrap_or(&id);
                self.legacy.get(id) == Some(&diff_id)
            }
            _ => false,
        }
    }

    fn document(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let Some(spooled) = self.spooled.get(digest).copied() else { return Ok(None) };
        document::check_size(&digest.to_string(), spooled.size)?;
        self.sink.read_spooled(spooled).map(Some)
    }
}

/// Returns whether an entry of docker's own list is the image with this configuration.
fn is_entry_of(entry: &ManifestJsonEntry, config: &Digest) -> bool {
    let hex = config.hex();
    [format!("{hex}.json"), format!("blobs/sha256/{hex}")].contains(&entry.config)
}

fn read_document(name: &str, content: &mut dyn Read, size: u64) -> Result<Vec<u8>, InvalidContent> {
    document::check_size(name, size)?;
    CheckedReader::new(content, size, name.to_owned(), None).read_all()
}
