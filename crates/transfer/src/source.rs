//! The images of the local engine, and the bytes of their layers.
//!
//! There are two ways to these bytes, which give the same: files of the engine's own store, where we may read them, and
//! `docker save`. The first costs as much as the layers that are asked for, the second as much as the whole image. What
//! the first cannot give, for whatever reason, the second does.

mod archive;
mod bundle;
mod content;
mod delivery;
mod document;
mod error;
mod inspect;
mod legacy;
mod saved;
mod store;

use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use dockerutils_command::{Command, Runner, Streaming};

use self::bundle::Bundle;
use self::delivery::Delivery;
pub use self::error::{Error, InvalidContent, SinkError};
pub use self::saved::read_archive;
use self::store::Store;
use crate::Image;
use dockerutils_oci::{Descriptor, Digest};

/// Images of the local engine, or of a file.
#[derive(Debug)]
pub struct Source {
    docker: Command,
    images: Vec<Image>,
    /// Whether images are called by the digests of their configurations.
    is_classic: bool,
    store: Option<Store>,
    bundle: Option<Bundle>,
    /// What docker was told to write before it was to be read.
    saving: OnceLock<Mutex<Option<Streaming>>>,
}

/// The order in which layers are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they come; nothing that is known when it comes waits.
    Any,
    /// The one that they were asked for in. What comes too early waits in a temporary file that has no name.
    Requested,
}

/// A layer that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerBlob {
    /// The digest of its uncompressed archive.
    pub diff_id: Digest,
    /// What its bytes are; the digest is `diff_id` where they are not compressed.
    pub blob: Descriptor,
}

/// Takes the layers.
pub trait Sink {
    /// Takes one layer. `content` fails instead of handing over the last of it where its digest or size is not the one
    /// that was promised; what is not read is checked all the same.
    ///
    /// # Errors
    /// Whatever keeps it from taking more; reading ends with that.
    fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> Result<(), SinkError>;
}

/// What was learnt of an image by reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadImage {
    /// The bytes of its configuration.
    pub config: Vec<u8>,
    /// Their digest.
    pub config_digest: Digest,
    /// Its layers as the source has them, the lowest first; none for one that was neither asked for nor seen.
    pub layers: Vec<Option<Descriptor>>,
}

impl Source {
    /// Looks up what these references name; references to one image are that image's, once. The engine's `/` is found
    /// at `root`.
    ///
    /// # Errors
    /// [`Error::NoImage`] for the first that the engine does not have; docker could not be asked.
    pub fn open(references: &[String], root: &Path, runner: &Runner) -> Result<Self, Error> {
        Source::open_with(Command::new("docker"), references, root, runner)
    }

    /// The same of the engine that this docker speaks to: with options such as `--host` that say which.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(
        docker: Command,
        references: &[String],
        root: &Path,
        runner: &Runner,
    ) -> Result<Self, Error> {
        let info = store::ask(&docker, runner)?;
        let images = inspect::images(&docker, references, runner)?;
        let info = store::Info::of(&info.wait()?);
        let is_classic = info.as_ref().is_some_and(|info| !info.is_containerd());
        let store = info.and_then(|info| Store::of(&info, root));
        let mut source = Source { docker, images, is_classic, store, bundle: None, saving: OnceLock::new() };
        source.learn_sizes();
        Ok(source)
    }

    /// The images of a file, as [`LoadArchive`](crate::LoadArchive) or `docker save` has written it, packed by gzip or zstd or not.
    /// Layers that it leaves out have no size.
    ///
    /// # Errors
    /// It cannot be read, or is no such file.
    pub fn open_bundle(file: &Path) -> Result<Self, Error> {
        let bundle = Bundle::at(file);
        let images = bundle.images().map_err(of_file(file))?;
        let (docker, saving) = (Command::new("docker"), OnceLock::new());
        Ok(Source { docker, images, is_classic: false, store: None, bundle: Some(bundle), saving })
    }

    /// The same images, of which nothing is read from the engine's files: `docker save` is used for all.
    pub fn without_store(self) -> Self {
        Source { store: None, ..self }
    }

    /// The images, in the order in which they were named first. Sizes of layers are known where they cost nothing.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// All IDs by which engines may call an image, as far as they are known before it is read: a classic store calls it by
    /// its configuration.
    pub fn ids(&self, image: &Image) -> Vec<Digest> {
        let store = self.store.as_ref().filter(|_| !self.is_classic);
        let config = store.and_then(|store| store.parts(image)).map(|parts| parts.config_digest);
        [image.id].into_iter().chain(config).collect()
    }

    /// The bytes of a layer as it is handed over, where the engine's files tell them; with the classic store that takes
    /// a look at what is kept of the layer's every file.
    pub fn layer_size(&self, diff_id: &Digest) -> Option<u64> {
        let layers = self.images.iter().flat_map(|image| &image.layers);
        let known = layers.filter(|layer| layer.diff_id == *diff_id).find_map(|layer| layer.size);
        match &self.store {
            Some(Store::Classic(overlay)) => known.or_else(|| overlay.size(&self.images, diff_id)),
            _ => known,
        }
    }

    /// Hands each of the layers `wanted` to `sink`, once, and answers with what was learnt of each image.
    ///
    /// # Errors
    /// [`Error::Sink`] with what the sink answered; otherwise the layers could not be read, or are not what they should be.
    pub fn read_layers(
        &self,
        wanted: &[Digest],
        order: Order,
        runner: &Runner,
        sink: &mut dyn Sink,
    ) -> Result<Vec<ReadImage>, Error> {
        if let Some(bundle) = &self.bundle {
            return read_archive(bundle.open()?, &self.images, wanted, order, sink)
                .map_err(of_file(bundle.path()));
        }
        let mut delivery = Delivery::new(wanted, order, sink);
        if let Some(store) = &self.store
            && let Some(parts) = store.read(&self.images, &mut delivery, runner)?
        {
            return Ok(parts);
        }
        let begun = self.saving.get().and_then(|saving| saving.lock().ok()?.take());
        let saving = begun.map_or_else(|| saved::begin(&self.docker, &self.images, runner), Ok)?;
        saved::read(saving, &self.images, delivery, runner)
    }

    /// Says that layers will be read. Where docker is to write them, it begins: it takes its time before the first byte.
    pub fn prepare_reading(&self, runner: &Runner) {
        let is_read_by_us = |store: &Store| self.images.iter().all(|image| store.parts(image).is_some());
        if self.bundle.is_none() && !self.store.as_ref().is_some_and(is_read_by_us) {
            // Where it could not begin, it is tried again when layers are read, and its error is told.
            let begin = || Mutex::new(saved::begin(&self.docker, &self.images, runner).ok());
            self.saving.get_or_init(begin);
        }
    }

    fn learn_sizes(&mut self) {
        let Some(store @ Store::Containerd(_)) = &self.store else { return };
        for image in &mut self.images {
            let layers = store.parts(image).map(|parts| parts.layers).unwrap_or_default();
            for (layer, blob) in image.layers.iter_mut().zip(layers) {
                layer.size = blob.map(|blob| blob.size);
            }
        }
    }
}

/// What is wrong with the archive is wrong with this file.
fn of_file(file: &Path) -> impl Fn(Error) -> Error {
    move |error| match error {
        Error::Archive(invalid) => Error::Bundle { path: file.to_owned(), invalid },
        error => error,
    }
}

/// The media type of layers that are not compressed; see the OCI image specification, "Media Types".
const TAR: &str = "application/vnd.oci.image.layer.v1.tar";

/// A layer that is not compressed.
fn plain(diff_id: Digest, size: u64) -> Descriptor {
    Descriptor { media_type: TAR.to_owned(), digest: diff_id, size }
}
