//! The images of the local engine or of a file, and the bytes of their layers.
//!
//! An engine's layers can be read from the files of its own store, if these are readable, and through `docker save`. Both
//! give the same bytes. The files cost as much as the layers that are requested, `docker save` as much as the whole image.
//! If the files lack something, for any reason, it comes from `docker save`.

mod archive;
mod archive_reader;
mod blobs;
mod bundle;
mod bundle_file;
mod checked;
mod document;
mod engine_info;
mod error;
mod image_inspect;
mod image_tree;
mod interruptible;
mod invalid_content;
mod left_out;
mod legacy;
mod member;
mod ordering;
mod platform;
mod save;
mod sink;
mod spool;
mod store;
mod store_files;
mod zstd_layer;

use std::fs::File;
use std::path::Path;

use dockerutils_command::{Command, Runner};
use dockerutils_oci::{Descriptor, Digest, Platform};

pub use self::archive_reader::read_archive;
pub use self::bundle::BundleSource;
use self::bundle_file::BundleFile;
use self::engine_info::EngineInfo;
pub use self::error::Error;
pub use self::image_tree::ImageTree;
pub use self::invalid_content::InvalidContent;
pub use self::left_out::LeftOut;
use self::ordering::OrderedSink;
pub use self::save::SaveSource;
pub use self::sink::{LayerBlob, Order, ReadImage, Sink, SinkError};
pub use self::store::StoreSource;
use self::store_files::StoreFiles;
use crate::image::Image;

/// Images that can be read.
#[derive(Debug)]
pub enum Source {
    /// Images of an engine, from the files of its own store.
    Store(StoreSource),
    /// Images of an engine, through `docker save`.
    Save(SaveSource),
    /// Images of a file.
    Bundle(BundleSource),
}

impl Source {
    /// Looks up the images of these references. Several references to one image lead to one image. The engine's `/` is
    /// at `root`.
    ///
    /// # Errors
    /// Returns [`Error::NoImage`] for the first image that the engine does not have. Fails if docker fails.
    pub fn open(references: &[String], root: &Path, runner: &Runner) -> Result<Self, Error> {
        Source::open_with(Command::new("docker"), references, root, runner)
    }

    /// Looks up images as [`open`](Self::open) does, with this command for docker, which may have options such as `--host`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(
        docker: Command,
        references: &[String],
        root: &Path,
        runner: &Runner,
    ) -> Result<Self, Error> {
        // Both commands run at the same time: each takes a round trip to the engine.
        let info = EngineInfo::start(&docker, runner)?;
        let images = image_inspect::images(&docker, references, runner)?;
        let info = EngineInfo::parse(&info.wait()?);
        // If it is not known, an ID may be the digest of an index.
        let has_indexes = info.as_ref().is_none_or(EngineInfo::is_containerd);
        let save = SaveSource::new(docker, images, has_indexes);
        match info.and_then(|info| StoreFiles::open(&info, root)) {
            Some(files) => Ok(Source::Store(StoreSource::new(files, save))),
            None => Ok(Source::Save(save)),
        }
    }

    /// Opens a file of images, as [`LoadArchive`](crate::LoadArchive) or `docker save` writes it, compressed or not. A layer
    /// that the file leaves out has no size. A FIFO is kept in a temporary file.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or is not a file of images.
    pub fn open_bundle(file: &Path, runner: &Runner) -> Result<Self, Error> {
        BundleSource::new(BundleFile::open(file, runner)?).map(Source::Bundle)
    }

    /// Opens images as [`open_bundle`](Self::open_bundle) does, from a file that is open or a pipe; `name` is for messages.
    ///
    /// # Errors
    /// As [`open_bundle`](Self::open_bundle).
    pub fn read_bundle(name: &str, input: File, runner: &Runner) -> Result<Self, Error> {
        BundleSource::new(BundleFile::new(Path::new(name), input, runner)?).map(Source::Bundle)
    }

    /// Returns the same images, without reading the files of the engine's store.
    #[must_use]
    pub fn without_store(self) -> Self {
        match self {
            Source::Store(source) => Source::Save(source.save),
            other => other,
        }
    }

    /// Returns the source with this name in place of all names of its first image.
    #[must_use]
    pub fn with_reference(mut self, reference: String) -> Self {
        let images = match &mut self {
            Source::Store(source) => &mut source.save.images,
            Source::Save(source) => &mut source.images,
            Source::Bundle(source) => &mut source.images,
        };
        if let Some(image) = images.first_mut() {
            image.references = vec![reference];
        }
        self
    }

    /// Returns the source with this platform alone of every image. Without root, this runs `docker save` for an engine with
    /// containerd's store.
    ///
    /// # Errors
    /// Returns [`Error::NoPlatform`] for the first image of which the platform is not here.
    pub fn with_platform(mut self, platform: &Platform, runner: &Runner) -> Result<Self, Error> {
        match &mut self {
            Source::Store(source) => source.select_platform(platform, runner)?,
            Source::Save(source) => source.select_platform(platform, runner)?,
            Source::Bundle(source) => platform::check_all(&source.images, platform)?,
        }
        Ok(self)
    }

    /// Returns the images, in the order in which they were requested first. Sizes of layers are set if they cost nothing.
    pub fn images(&self) -> &[Image] {
        match self {
            Source::Store(source) => &source.save.images,
            Source::Save(source) => &source.images,
            Source::Bundle(source) => &source.images,
        }
    }

    /// Returns the IDs by which engines may know an image, as far as they are known before it is read: a classic store
    /// uses the digest of the configuration.
    pub fn ids(&self, image: &Image) -> Vec<Digest> {
        match self {
            Source::Store(source) => source.ids(image),
            Source::Save(_) => vec![image.id],
            Source::Bundle(source) => source.ids(image),
        }
    }

    /// Returns the bytes of a layer as it is delivered. `None` unless the engine's files show them. In the classic store
    /// this reads the metadata of every file of the layer.
    pub fn layer_size(&self, diff_id: &Digest) -> Option<u64> {
        let mut layers = self.images().iter().flat_map(|image| &image.layers);
        let known = layers.find_map(|layer| layer.size.filter(|_| layer.diff_id == *diff_id));
        match self {
            Source::Store(source) => known.or_else(|| source.layer_size(diff_id)),
            Source::Save(_) | Source::Bundle(_) => known,
        }
    }

    /// Passes each of the `wanted` layers to `sink`, once, and returns the images.
    ///
    /// # Errors
    /// Returns [`Error::Sink`] with the error of the sink. Fails if the layers cannot be read, or if one has
    /// another digest or size than expected.
    pub fn read_layers(
        &self,
        wanted: &[Digest],
        order: Order,
        runner: &Runner,
        sink: &mut dyn Sink,
    ) -> Result<Vec<ReadImage>, Error> {
        match self {
            Source::Store(source) => source.read(OrderedSink::new(wanted, order, sink), runner),
            Source::Save(source) => source.read(OrderedSink::new(wanted, order, sink), runner),
            Source::Bundle(source) => source.read(wanted, order, sink),
        }
    }

    /// Passes each of these blobs to `sink`, under its own digest: parts of an [`ImageTree`].
    ///
    /// # Errors
    /// As [`read_layers`](Self::read_layers).
    pub fn read_blobs(
        &self,
        blobs: &[Descriptor],
        runner: &Runner,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        match self {
            Source::Store(source) => source.read_blobs(blobs, runner, sink),
            Source::Save(source) => source.read_blobs(blobs, runner, sink),
            Source::Bundle(source) => source.read_blobs(blobs, sink),
        }
    }

    /// Prepares for [`read_layers`](Self::read_layers): starts `docker save` if the layers will have to come from it.
    pub fn prepare_reading(&self, runner: &Runner) {
        match self {
            Source::Store(source) => source.start_early(runner),
            Source::Save(source) => source.start_early(runner),
            Source::Bundle(_) => {}
        }
    }
}
