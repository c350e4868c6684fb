//! Images of an engine, read from the files of its own store if possible.

use dockerutils_command::Runner;
use dockerutils_oci::{Descriptor, Digest, Platform};

use super::blobs;
use super::error::Error;
use super::ordering::OrderedSink;
use super::save::SaveSource;
use super::sink::{LayerBlob, ReadImage, Sink};
use super::store_files::StoreFiles;
use crate::image::Image;

/// Images of an engine whose store can be read, and the same images through `docker save` for what the files lack.
#[derive(Debug)]
pub struct StoreSource {
    files: StoreFiles,
    pub(super) save: SaveSource,
}

impl StoreSource {
    pub(super) fn new(files: StoreFiles, mut save: SaveSource) -> Self {
        files.set_sizes(&mut save.images);
        StoreSource { files, save }
    }

    /// Leaves only this platform of every image.
    pub(super) fn select_platform(&mut self, platform: &Platform, runner: &Runner) -> Result<(), Error> {
        match &self.files {
            StoreFiles::Containerd(files)
                if self.save.images.iter().all(|image| files.describe(image).is_some()) =>
            {
                self.save.select_platform_from(platform, |digest| files.document(digest))
            }
            _ => self.save.select_platform(platform, runner),
        }
    }

    /// Returns the IDs by which engines may know an image.
    pub(super) fn ids(&self, image: &Image) -> Vec<Digest> {
        [image.id].into_iter().chain(self.files.classic_id(image)).collect()
    }

    /// Returns the bytes of a layer, by the metadata of every file in it.
    pub(super) fn layer_size(&self, diff_id: &Digest) -> Option<u64> {
        self.files.layer_size(&self.save.images, diff_id)
    }

    /// Starts `docker save` early if the files lack an image.
    pub(super) fn start_early(&self, runner: &Runner) {
        if self.save.images.iter().any(|image| self.files.describe(image).is_none()) {
            self.save.start_early(runner);
        }
    }

    /// Passes the wanted layers on, from the files as far as possible.
    pub(super) fn read<'a>(
        &'a self,
        mut sink: OrderedSink<'a>,
        runner: &Runner,
    ) -> Result<Vec<ReadImage>, Error> {
        match self.read_files(&mut sink, runner)? {
            Some(read) => Ok(read),
            None => self.save.read(sink, runner),
        }
    }

    /// Passes blobs on, from the files as far as possible.
    pub(super) fn read_blobs(
        &self,
        blobs: &[Descriptor],
        runner: &Runner,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        for (index, blob) in blobs.iter().enumerate() {
            runner.check_interrupted()?;
            let Some(mut file) = self.files.open_blob(blob) else {
                return self.save.read_blobs(&blobs[index..], runner, sink);
            };
            blobs::deliver_blob(blob, &mut file, sink).map_err(|error| match error {
                Error::Archive(invalid) => Error::Store(invalid),
                other => other,
            })?;
        }
        Ok(())
    }

    /// Passes the wanted layers on. `None` if the files lack something; the sink then wants what is still missing.
    fn read_files(
        &self,
        sink: &mut OrderedSink<'_>,
        runner: &Runner,
    ) -> Result<Option<Vec<ReadImage>>, Error> {
        let images = &self.save.images;
        let described = images.iter().map(|image| self.files.describe(image));
        let Some(mut read) = described.collect::<Option<Vec<_>>>() else { return Ok(None) };
        for diff_id in sink.wanted() {
            runner.check_interrupted()?;
            let Some(mut layer) = self.files.open_layer(images, &read, &diff_id) else { return Ok(None) };
            record_blob(images, &mut read, &diff_id, &layer.blob);
            let blob = layer.blob;
            // A message about `docker save` would mislead, because it has not run.
            sink.emit(LayerBlob { diff_id, blob }, &mut layer.content).map_err(|error| match error {
                Error::Archive(invalid) => Error::Store(invalid),
                other => other,
            })?;
        }
        Ok(Some(read))
    }
}

/// Records the blob of a layer in every image that has the layer.
fn record_blob(images: &[Image], read: &mut [ReadImage], diff_id: &Digest, blob: &Descriptor) {
    for (image, read) in images.iter().zip(read) {
        for (layer, known) in image.layers.iter().zip(&mut read.layers) {
            if layer.diff_id == *diff_id {
                *known = Some(blob.clone());
            }
        }
    }
}
