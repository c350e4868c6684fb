//! A shipment to one target: the layers that it lacks, in steps that are loaded while the next one is on its way.

use std::collections::{HashMap, HashSet};
use std::io;

use dockerutils_oci::{Descriptor, Digest};

use crate::archive_image::{ArchiveImage, ArchiveLayer};
use crate::compress::{BlockSink, Packer};
use crate::image::Image;
use crate::load_archive::LoadArchive;
use crate::partial_image::partial_image;
use crate::plan::Plan;
use crate::source::{ImageTree, LayerBlob};

/// The least bytes of layers in a step: each `docker load` takes some tenths of a second, however little it loads.
const STEP: u64 = 32 << 20;

/// Images on their way to one target.
pub struct Shipment<'a, B> {
    plan: &'a Plan,
    images: Vec<Image>,
    /// The names that the images get in the end, by their IDs.
    names: HashMap<Digest, String>,
    archive: LoadArchive<Packer<B>>,
    /// The blobs sent in this step and in earlier ones, by diff ID.
    sent: HashMap<Digest, Descriptor>,
    /// The bytes of layers in this step.
    in_step: u64,
    /// The bytes of layers that are still to come. `None` if they are not known.
    to_come: Option<u64>,
    is_within_layer: bool,
    accepts_zstd: bool,
    takes_indexes: bool,
    /// The indexes that images are parts of, by their IDs, as far as the target has all their blobs.
    trees: HashMap<Digest, ImageTree>,
}

impl<'a, B: BlockSink> Shipment<'a, B> {
    /// Creates a shipment. Images get their references when they are loaded; pass images without references, and
    /// [`with_names`](Self::with_names), to name them later.
    pub fn new(plan: &'a Plan, images: Vec<Image>, packer: Packer<B>) -> Self {
        Shipment {
            plan,
            images,
            names: HashMap::new(),
            archive: LoadArchive::new(packer),
            sent: HashMap::new(),
            in_step: 0,
            to_come: None,
            is_within_layer: false,
            accepts_zstd: true,
            takes_indexes: false,
            trees: HashMap::new(),
        }
    }

    /// Sets the names that the images get in the end, by their IDs.
    #[must_use]
    pub fn with_names(self, names: HashMap<Digest, String>) -> Self {
        Shipment { names, ..self }
    }

    /// Sets the size of all layers to send, so that the last step never gets too small to be worth a load.
    #[must_use]
    pub fn with_size(self, bytes: Option<u64>) -> Self {
        Shipment { to_come: bytes, ..self }
    }

    /// Sets whether the target unpacks layers that are compressed with zstd. If not, it must get them unpacked.
    #[must_use]
    pub fn with_zstd(self, accepts_zstd: bool) -> Self {
        Shipment { accepts_zstd, ..self }
    }

    /// Returns whether the target unpacks layers that are compressed with zstd.
    pub fn accepts_zstd(&self) -> bool {
        self.accepts_zstd
    }

    /// Sets whether the target takes an index with all its platforms.
    #[must_use]
    pub fn with_indexes(self, takes_indexes: bool) -> Self {
        Shipment { takes_indexes, ..self }
    }

    /// Returns whether the index of an image is sent, whose layers are blobs of that index.
    pub(crate) fn takes_tree(&self, image: Digest, tree: &ImageTree) -> bool {
        let is_same = |image: &Image| {
            let layers = self.archive_layers(image, image.layers.len());
            layers.iter().map(|layer| layer.blob.as_ref().map(|blob| blob.digest)).eq(tree
                .layers
                .iter()
                .copied()
                .map(Some))
        };
        self.takes_indexes && self.images.iter().any(|own| own.id == image && is_same(own))
    }

    /// Returns whether this image is sent without the index that it is a part of.
    pub(crate) fn lacks_tree(&self, image: Digest) -> bool {
        !self.trees.contains_key(&image) && self.images.iter().any(|own| own.id == image)
    }

    /// Adds the index of an image, whose further blobs follow.
    pub(crate) fn add_tree(&mut self, image: Digest, tree: &ImageTree) {
        self.trees.insert(image, tree.clone());
    }

    /// Begins a blob of an index. If the target does not get it, what is written until its end is ignored.
    pub(crate) fn begin_blob(&mut self, blob: &Descriptor) -> io::Result<()> {
        self.is_within_layer = self.trees.values().any(|tree| tree.blobs.contains(blob));
        if self.is_within_layer { self.archive.begin_layer(blob.digest, blob.size) } else { Ok(()) }
    }

    /// Returns the images.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// Returns the diff IDs of the layers to send.
    pub fn layers_to_send(&self) -> &[Digest] {
        &self.plan.to_send
    }

    /// Returns whether a large shipment goes in steps. Layers must then be passed in their order.
    pub fn goes_in_steps(&self) -> bool {
        self.plan.in_steps
    }

    /// Begins a layer. If the target has it, what is written until its end is ignored.
    ///
    /// # Errors
    /// Fails if the layer cannot be sent.
    pub fn begin_layer(&mut self, layer: &LayerBlob) -> io::Result<()> {
        self.is_within_layer = self.plan.to_send.contains(&layer.diff_id);
        if self.is_within_layer {
            if self.plan.in_steps && self.in_step >= STEP && self.to_come.is_none_or(|bytes| bytes >= STEP) {
                self.end_step()?;
            }
            self.to_come = self.to_come.map(|bytes| bytes.saturating_sub(layer.blob.size));
            self.archive.begin_layer(layer.blob.digest, layer.blob.size)?;
            self.sent.insert(layer.diff_id, layer.blob.clone());
            self.in_step += layer.blob.size;
        }
        Ok(())
    }

    /// Writes more of the layer.
    ///
    /// # Errors
    /// Fails if the bytes cannot be sent.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_within_layer { self.archive.write(bytes) } else { Ok(()) }
    }

    /// Ends the layer.
    ///
    /// # Errors
    /// Fails if the layer has another size than announced, or cannot be sent.
    pub fn end_layer(&mut self) -> io::Result<()> {
        if self.is_within_layer { self.archive.end_layer() } else { Ok(()) }
    }

    /// Sends the images themselves with their configurations. Returns the images as they were sent, and the sink.
    ///
    /// # Errors
    /// Fails with the sink's error if the images cannot be sent.
    pub fn finish(mut self, configs: Vec<Vec<u8>>) -> io::Result<(Vec<ArchiveImage>, B)> {
        let sent: Vec<ArchiveImage> = self
            .images
            .iter()
            .zip(configs)
            .map(|(image, config)| ArchiveImage {
                references: image.references.clone(),
                config,
                layers: self.archive_layers(image, image.layers.len()),
                tree: self.trees.get(&image.id).cloned(),
            })
            .collect();
        let written = self.archive.finish(&sent).and_then(|()| self.archive.get_mut().end_step());
        // The packer comes first: if the sink has failed, `written` is only a broken pipe.
        let sink = self.archive.into_inner().finish()?;
        written.map(|()| (sent, sink))
    }

    /// Returns the sink's error after writing has failed.
    pub fn failure(self) -> Option<io::Error> {
        self.archive.into_inner().finish().err()
    }

    /// Ends a step with partial images of all layers that were sent so far, because `docker load` keeps a layer only as
    /// a part of an image.
    fn end_step(&mut self) -> io::Result<()> {
        let present: HashSet<Digest> = self.plan.present.iter().copied().collect();
        let has_arrived = |diff_id: &Digest| present.contains(diff_id) || self.sent.contains_key(diff_id);
        let mut partials = Vec::new();
        for image in &self.images {
            let count = image.layers.iter().take_while(|layer| has_arrived(&layer.diff_id)).count();
            if image.layers[..count].iter().any(|layer| self.sent.contains_key(&layer.diff_id)) {
                let layers = self.archive_layers(image, count);
                partials.push(partial_image(image, self.names.get(&image.id), layers));
            }
        }
        self.archive.finish(&partials)?;
        self.in_step = 0;
        self.archive.get_mut().end_step()
    }

    /// Returns the `count` lowest layers of an image, with the blobs that were sent or that the target has.
    fn archive_layers(&self, image: &Image, count: usize) -> Vec<ArchiveLayer> {
        let blob = |diff_id| self.sent.get(diff_id).or_else(|| self.plan.blobs.get(diff_id)).cloned();
        let layers = image.layers.iter().take(count);
        layers.map(|layer| ArchiveLayer { diff_id: layer.diff_id, blob: blob(&layer.diff_id) }).collect()
    }
}
