//! What one target is sent: the layers that it lacks, in steps that are loaded while the next is on its way.

use std::collections::{HashMap, HashSet};
use std::io;

use crate::partial::partial;
use crate::source::LayerBlob;
use crate::{ArchiveImage, ArchiveLayer, BlockSink, Image, LoadArchive, Packer, Plan};
use dockerutils_oci::{Descriptor, Digest};

/// The bytes of layers that make it worth while to load a step: a load costs some tenths of a second of its own.
const STEP: u64 = 32 << 20;

/// Layers on their way to one target.
pub struct Shipment<'a, B> {
    plan: &'a Plan,
    images: Vec<Image>,
    /// What those are to be called in the end, by their IDs.
    names: HashMap<Digest, String>,
    archive: LoadArchive<Packer<B>>,
    /// What has been sent, in this step and in those before.
    sent: HashMap<Digest, Descriptor>,
    /// The bytes of layers in this step.
    in_step: u64,
    /// Those of layers that are still to come, where it is known.
    to_come: Option<u64>,
    is_within_layer: bool,
}

impl<'a, B: BlockSink> Shipment<'a, B> {
    /// A shipment of what a plan says. Images bear their references in it: give them without any to name them later.
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
        }
    }

    /// Says what the images are to be called in the end, by their IDs.
    #[must_use]
    pub fn with_names(self, names: HashMap<Digest, String>) -> Self {
        Shipment { names, ..self }
    }

    /// Says how many bytes its layers come to: what is left for the last step is then never too little for one.
    #[must_use]
    pub fn with_size(self, bytes: Option<u64>) -> Self {
        Shipment { to_come: bytes, ..self }
    }

    /// The images that it is to bring.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The layers that it is to hold.
    pub fn layers_to_send(&self) -> &[Digest] {
        &self.plan.to_send
    }

    /// Whether it goes in steps, if it is large enough; then layers must come in their order.
    pub fn goes_in_steps(&self) -> bool {
        self.plan.in_steps
    }

    /// Begins a layer, if the target lacks it; what is written then is taken or left accordingly.
    ///
    /// # Errors
    /// It cannot be sent.
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
    /// It cannot be sent.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_within_layer { self.archive.write(bytes) } else { Ok(()) }
    }

    /// Ends the layer.
    ///
    /// # Errors
    /// It cannot be sent.
    pub fn end_layer(&mut self) -> io::Result<()> {
        if self.is_within_layer { self.archive.end_layer() } else { Ok(()) }
    }

    /// Sends the images themselves, with these configurations; answers with them, and gives back what all was sent to.
    ///
    /// # Errors
    /// It could not be sent.
    pub fn finish(mut self, configs: Vec<Vec<u8>>) -> io::Result<(Vec<ArchiveImage>, B)> {
        let images = self.images.iter().zip(configs);
        let loaded = images.map(|(image, config)| ArchiveImage {
            references: image.references.clone(),
            config,
            layers: self.layers(image, image.layers.len()),
        });
        let loaded: Vec<ArchiveImage> = loaded.collect();
        let written = self.archive.finish(&loaded).and_then(|()| self.archive.get_mut().end_step());
        // Where nothing could be written, it tells why.
        let blocks = self.archive.into_inner().finish()?;
        written.map(|()| (loaded, blocks))
    }

    /// Why sending failed, where writing has.
    pub fn failure(self) -> Option<io::Error> {
        self.archive.into_inner().finish().err()
    }

    /// Ends a step with the images that hold all that has been sent so far.
    fn end_step(&mut self) -> io::Result<()> {
        let kept: HashSet<Digest> = self.plan.present.iter().copied().collect();
        let is_there = |diff_id: &Digest| kept.contains(diff_id) || self.sent.contains_key(diff_id);
        let mut partials = Vec::new();
        for image in &self.images {
            let count = image.layers.iter().take_while(|layer| is_there(&layer.diff_id)).count();
            if image.layers[..count].iter().any(|layer| self.sent.contains_key(&layer.diff_id)) {
                partials.push(partial(image, self.names.get(&image.id), self.layers(image, count)));
            }
        }
        self.archive.finish(&partials)?;
        self.in_step = 0;
        self.archive.get_mut().end_step()
    }

    /// The lowest layers of an image, with what stands for each there.
    fn layers(&self, image: &Image, count: usize) -> Vec<ArchiveLayer> {
        let blob = |diff_id| self.sent.get(diff_id).or_else(|| self.plan.blobs.get(diff_id)).cloned();
        let layers = image.layers.iter().take(count);
        layers.map(|layer| ArchiveLayer { diff_id: layer.diff_id, blob: blob(&layer.diff_id) }).collect()
    }
}
