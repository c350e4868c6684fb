//! Layers out of what `docker save` writes, as a stream.

use std::collections::HashMap;
use std::io::Read;

use dockerutils_command::{Command, Pipes, Runner, Streaming};

use self::stream::Stream;
use super::archive::{self, Held, Member};
use super::content::Checked;
use super::delivery::{Delivery, Kept};
use super::document::{self, Described, Listed};
use super::legacy::Chains;
use super::{Error, InvalidContent, LayerBlob, Order, ReadImage, Sink, plain};
use crate::Image;
use dockerutils_oci::{Descriptor, Digest};

mod stream;

/// Has docker write an archive of these images.
///
/// They are asked for by ID: a name may be another image's by now.
pub(super) fn begin(docker: &Command, images: &[Image], runner: &Runner) -> Result<Streaming, Error> {
    let ids = images.iter().map(|image| image.id.to_string());
    Ok(runner.start(&docker.clone().args(["image", "save"]).args(ids), Pipes::Output)?)
}

/// Reads the archive that docker writes.
pub(super) fn read<'a>(
    mut docker: Streaming,
    images: &'a [Image],
    delivery: Delivery<'a>,
    runner: &Runner,
) -> Result<Vec<ReadImage>, Error> {
    let Some(output) = docker.take_output() else {
        return Err(InvalidContent::Missing("all of it".to_owned()).into());
    };
    let mut stream = Stream::new(output, runner);
    let read = Reading::new(images, delivery).read(&mut stream);
    if let Some(interrupted) = stream.interrupted() {
        return Err(interrupted.into());
    }
    match read {
        // It has ended by itself: why is what it says.
        Err(Error::Archive(_)) | Ok(_) if stream.is_at_end() => {
            let ended = docker.wait()?;
            if ended.status.success() {
                return read;
            }
            Err(Error::Docker { command: "docker image save", words: ended.last_words() })
        }
        read => read,
    }
}

/// Reads an archive of images, as `docker save` writes it, to its end, as [`Source::read`](super::Source::read_layers) does.
///
/// # Errors
/// As there.
pub fn read_archive(
    mut archive: impl Read,
    images: &[Image],
    wanted: &[Digest],
    order: Order,
    sink: &mut dyn Sink,
) -> Result<Vec<ReadImage>, Error> {
    Reading::new(images, Delivery::new(wanted, order, sink)).read(&mut archive)
}

/// What has been learnt of the archive so far.
struct Reading<'a> {
    images: &'a [Image],
    delivery: Delivery<'a>,
    /// Diff IDs of the images' layers; with their size, once one was seen.
    layers: HashMap<Digest, Option<u64>>,
    /// Blobs that are no uncompressed layer: documents, or compressed layers of which documents come later.
    kept: HashMap<Digest, Kept>,
    /// Docker's own list of the images.
    list: Option<Vec<Listed>>,
    chains: Option<Chains>,
    /// The `json` of the folder that is being read.
    json: Option<(Digest, Vec<u8>)>,
    /// The old form's layers by the IDs of their folders.
    legacy: HashMap<Digest, Digest>,
    /// The folders that have a link to another one's layer.
    links: HashMap<Digest, Digest>,
}

impl<'a> Reading<'a> {
    fn new(images: &'a [Image], delivery: Delivery<'a>) -> Self {
        let layers =
            images.iter().flat_map(|image| &image.layers).map(|layer| (layer.diff_id, None)).collect();
        Reading {
            images,
            delivery,
            layers,
            kept: HashMap::new(),
            list: None,
            chains: None,
            json: None,
            legacy: HashMap::new(),
            links: HashMap::new(),
        }
    }

    fn read(mut self, archive: &mut dyn Read) -> Result<Vec<ReadImage>, Error> {
        archive::each_member(archive, |member, held| self.take(member, held))?;
        let images = self.images;
        let parts = images.iter().map(|image| self.parts(image)).collect::<Result<Vec<_>, _>>()?;
        self.delivery.finish()?;
        Ok(parts)
    }

    fn take(&mut self, member: Member, held: Held<'_>) -> Result<(), Error> {
        match (member, held) {
            (Member::LegacyLayer(id), Held::Link(target)) => {
                self.links.insert(id, target);
                Ok(())
            }
            (Member::Blob(digest), Held::File(content, size)) if self.layers.contains_key(&digest) => {
                self.layer(digest, content, size)
            }
            (Member::Blob(digest), Held::File(content, size)) => self.unknown(digest, content, size),
            (Member::Config(digest), Held::File(content, size)) => {
                within_limit(&digest.to_string(), size)?;
                self.unknown(digest, content, size)
            }
            (Member::LegacyJson(id), Held::File(content, size)) => {
                self.json = Some((id, document("json", content, size)?));
                Ok(())
            }
            (Member::LegacyLayer(id), Held::File(content, size)) => self.legacy_layer(id, content, size),
            (Member::Manifest, Held::File(content, size)) => {
                let bytes = document("manifest.json", content, size)?;
                self.list = Some(document::parse("manifest.json", &bytes)?);
                Ok(())
            }
            // Its end is looked for all the same: see archive.
            _ => Ok(()),
        }
    }

    /// A layer that is not compressed, by its diff ID.
    fn layer(&mut self, diff_id: Digest, content: &mut dyn Read, size: u64) -> Result<(), Error> {
        self.layers.insert(diff_id, Some(size));
        if self.delivery.misses(&diff_id) {
            self.delivery.give(LayerBlob { diff_id, blob: plain(diff_id, size) }, content)?;
        }
        Ok(())
    }

    /// A blob that is a document, or a compressed layer.
    fn unknown(&mut self, digest: Digest, content: &mut dyn Read, size: u64) -> Result<(), Error> {
        if size <= document::MOST || self.delivery.misses_any() {
            let kept = self.delivery.keep(&mut Checked::of(content, size, digest))?;
            self.kept.insert(digest, kept);
        }
        Ok(())
    }

    /// A layer of the old form.
    fn legacy_layer(&mut self, id: Digest, content: &mut dyn Read, size: u64) -> Result<(), Error> {
        let chains = self.chains.get_or_insert_with(|| Chains::new(self.images));
        let json = self.json.take().filter(|(of, _)| *of == id);
        if let Some(diff_id) = json.and_then(|(_, json)| chains.layer(&id, &json)) {
            self.legacy.insert(id, diff_id);
            return self.layer(diff_id, content, size);
        }
        // It cannot be told before it is read.
        let mut content = Checked::new(content, size, format!("layer {}", id.hex()), None);
        let kept = self.delivery.keep(&mut content)?;
        let diff_id = content.finish()?;
        self.legacy.insert(id, diff_id);
        if let Some(seen) = self.layers.get_mut(&diff_id) {
            *seen = Some(size);
            self.delivery.give_kept(LayerBlob { diff_id, blob: plain(diff_id, size) }, kept)?;
        }
        Ok(())
    }

    /// What is known of an image, now that all has been read; compressed layers of it are handed over.
    fn parts(&mut self, image: &Image) -> Result<ReadImage, Error> {
        let Described { config, config_digest, blobs } =
            document::describe(image, |digest| self.document(digest))?;
        let layers = match blobs {
            Some(blobs) => self.blobs(image, blobs)?,
            None => self.plain_layers(image),
        };
        self.check_list(image, &config_digest, &layers)?;
        Ok(ReadImage { config, config_digest, layers })
    }

    fn plain_layers(&self, image: &Image) -> Vec<Option<Descriptor>> {
        let size = |diff_id| self.layers.get(diff_id).copied().flatten();
        image.layers.iter().map(|layer| size(&layer.diff_id).map(|size| plain(layer.diff_id, size))).collect()
    }

    /// The blobs of an image's layers, of which those that are still missing are handed over.
    fn blobs(&mut self, image: &Image, blobs: Vec<Descriptor>) -> Result<Vec<Option<Descriptor>>, Error> {
        let mut layers = Vec::new();
        for (layer, blob) in image.layers.iter().zip(blobs) {
            let diff_id = layer.diff_id;
            if self.delivery.misses(&diff_id) && blob.digest != diff_id {
                let missing = || InvalidContent::Missing(format!("layer {}", blob.digest));
                let kept = *self.kept.get(&blob.digest).ok_or_else(missing)?;
                if kept.size != blob.size {
                    return Err(InvalidContent::Truncated(format!("layer {}", blob.digest)).into());
                }
                self.delivery.give_kept(LayerBlob { diff_id, blob: blob.clone() }, kept)?;
            }
            layers.push(Some(blob));
        }
        Ok(layers)
    }

    /// Docker's own list agrees with what we found: it is what others read the archive by.
    fn check_list(
        &self,
        image: &Image,
        config: &Digest,
        blobs: &[Option<Descriptor>],
    ) -> Result<(), InvalidContent> {
        let list = self.list.as_ref().ok_or_else(|| InvalidContent::Missing("manifest.json".to_owned()))?;
        let names = [format!("{}.json", config.hex()), format!("blobs/sha256/{}", config.hex())];
        let listed = list.iter().find(|listed| names.contains(&listed.config));
        let listed =
            listed.ok_or_else(|| InvalidContent::Missing(format!("image {} in manifest.json", image.id)))?;
        let files = listed.layers.as_deref().unwrap_or_default();
        let is_same = files.len() == image.layers.len()
            && files.iter().zip(&image.layers).zip(blobs).all(|((file, layer), blob)| {
                match archive::layer_named(file) {
                    // One that was neither asked for nor seen may have been left out of the archive.
                    Some(Member::Blob(digest)) => blob.as_ref().is_none_or(|blob| blob.digest == digest),
                    Some(Member::LegacyLayer(id)) => {
                        let id = self.links.get(&id).unwrap_or(&id);
                        self.legacy.get(id) == Some(&layer.diff_id)
                    }
                    _ => false,
                }
            });
        if is_same { Ok(()) } else { Err(InvalidContent::Layers(image.id)) }
    }

    fn document(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let Some(kept) = self.kept.get(digest).copied() else { return Ok(None) };
        within_limit(&digest.to_string(), kept.size)?;
        self.delivery.kept(kept).map(Some)
    }
}

fn within_limit(name: &str, size: u64) -> Result<(), InvalidContent> {
    if size > document::MOST { Err(InvalidContent::Size(name.to_owned())) } else { Ok(()) }
}

fn document(name: &str, content: &mut dyn Read, size: u64) -> Result<Vec<u8>, InvalidContent> {
    within_limit(name, size)?;
    Checked::new(content, size, name.to_owned(), None).read_all()
}
