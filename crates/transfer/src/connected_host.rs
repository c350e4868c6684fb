//! A host that is connected: what it lacks of the images, how that is sent, and the final step.

use std::collections::HashSet;
use std::io;
use std::time::Instant;

use dockerutils_command::Runner;
use dockerutils_oci::Digest;

use crate::coverage::Coverage;
use crate::error::{Error, Result};
use crate::fan_out::Sent;
use crate::observer::{Observer, Warning};
use crate::packing::{Compression, Packing};
use crate::remote::{self, ExpectedImage, Finalize, Host, Receiver, RemoteEngine, Store};
use crate::report::{ArrivedImage, Report};
use crate::{ArchiveImage, Image, PARTIAL_LABEL, PARTIAL_NAME_LABEL, Packer, Plan, Shipment, Source};

/// A host that is connected and inspected.
#[derive(Debug)]
pub struct ConnectedHost {
    pub(crate) host: Host,
    pub(crate) engine: RemoteEngine,
    /// The images that it has, under its IDs.
    pub(crate) present: Vec<ExpectedImage>,
    /// The images that it lacks.
    pub(crate) missing: Vec<Image>,
    /// The layers of the missing images: those to send, and those that are present.
    pub(crate) plan: Plan,
    /// The images of the host whose blobs are used.
    pub(crate) bases: Vec<Digest>,
    /// The temporary tags that are removed at the end.
    pub(crate) holds: Vec<String>,
    /// Which layers are sent.
    pub(crate) coverage: Coverage,
}

impl ConnectedHost {
    /// Returns the name of the host and what happens to the layers.
    pub fn plan(&self) -> (&str, &Plan) {
        (self.host.name(), &self.plan)
    }

    /// Returns the images that the host has, under its IDs.
    pub fn present(&self) -> &[ExpectedImage] {
        &self.present
    }

    pub(crate) fn lacks_images(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Starts to receive what the host lacks.
    ///
    /// # Errors
    /// Fails if the host cannot unpack the required codec, or the connection is lost.
    pub(crate) fn start_receiving(
        &mut self,
        compression: Compression,
        runner: &Runner,
    ) -> Result<Packer<Receiver>> {
        let packing = Packing::choose(compression, self.engine.inventory())
            .ok_or_else(|| Error::NoZstd { host: self.host.name().to_owned() })?;
        let useful_streams = remote::max_streams(self.engine.round_trip()?);
        // A configuration alone is too small for more than one stream.
        let max_streams = if self.plan.is_empty() { 1 } else { useful_streams };
        let receiver = self.engine.receive(packing.unpacker, max_streams, runner)?;
        Packer::new(packing.codec, packing.policy, receiver).map_err(Error::Threads)
    }

    /// Returns the shipment of what the host lacks.
    pub(crate) fn shipment(&self, source: &Source, packer: Packer<Receiver>) -> Shipment<'_, Receiver> {
        // With the total size, the last step of the transfer is never too small to be worth its load.
        let size = self.plan.to_send.iter().map(|diff_id| source.layer_size(diff_id)).sum();
        let name = |image: &Image| Some((image.id, references(source, image.id).into_iter().next()?));
        let names = self.missing.iter().filter_map(name).collect();
        let shipment =
            Shipment::new(&self.plan, self.missing.clone(), packer).with_size(size).with_names(names);
        let inventory = self.engine.inventory();
        // Of an index, an engine of another platform would list other layers than those that are verified.
        let is_same = self.missing.iter().all(|image| image.platform.is_same_machine(&inventory.platform));
        let takes_indexes = inventory.store == Store::Containerd && is_same;
        shipment.with_zstd(inventory.unpacks_zstd()).with_indexes(takes_indexes)
    }

    /// Waits until everything is loaded, verifies and tags the images, and removes obsolete partial images. `sent` is
    /// `None` for a host that lacked nothing.
    ///
    /// # Errors
    /// Fails if sending failed, or an image is not there as it was sent.
    pub(crate) fn finalize(
        &mut self,
        source: &Source,
        sent: Option<Sent<Receiver>>,
        start: Instant,
        observer: &dyn Observer,
        runner: &Runner,
    ) -> remote::Result<Report> {
        let mut images = self.present.clone();
        let mut bytes_sent = 0;
        if let Some(sent) = sent {
            let (loaded, receiver) = sent.map_err(receiver_error)?;
            // The session opens while docker still loads.
            self.engine.prepare_finalize(runner);
            bytes_sent = receiver.finish()?.sent;
            let references = self.missing.iter().map(|image| references(source, image.id));
            images.extend(loaded.iter().zip(references).map(|(image, tags)| self.expected(image, tags)));
        }
        // Also if nothing was sent: a transfer that was interrupted at its very end has left partial images.
        let obsolete = obsolete_labels(source.images());
        let finalize =
            Finalize { images: &images, bases: &self.bases, holds: &self.holds, obsolete: &obsolete };
        if let Some(reason) = self.engine.finalize(finalize, runner)? {
            observer.on_warning(&Warning::PartialImageKept { host: self.host.name().to_owned(), reason });
        }
        Ok(Report {
            host: self.host.name().to_owned(),
            images: images.into_iter().map(ArrivedImage::from).collect(),
            bytes_sent,
            bytes_total: source.images().iter().map(|image| image.size).sum(),
            layers_sent: self.plan.to_send.len(),
            layers_kept: count_layers(source.images()) - self.plan.to_send.len(),
            seconds: start.elapsed(),
        })
    }

    /// Returns which layers the next try sends, if an error may come from a layer that is lost: one that the host had when
    /// it was inspected, or one that has arrived since. `None` if another try would fail in the same way.
    pub(crate) fn next_coverage(&self, error: &remote::Error) -> Option<Coverage> {
        let relies_on_layers = !(self.plan.present.is_empty() && self.present.is_empty());
        match self.coverage {
            // Nothing else than all layers could differ from this try.
            Coverage::Missing if error.lacks_content() => Some(Coverage::Rest),
            Coverage::Whole => None,
            _ => (error.lacks_content() || error.is_of_load() && relies_on_layers).then_some(Coverage::Whole),
        }
    }

    /// Returns an image that was sent as the engine should have it.
    fn expected(&self, image: &ArchiveImage, references: Vec<String>) -> ExpectedImage {
        let config = Digest::of(&image.config);
        let id = match self.engine.inventory().store {
            Store::Classic => config,
            Store::Containerd => image.target().unwrap_or(config),
        };
        let layers = image.layers.iter().map(|layer| layer.diff_id).collect();
        ExpectedImage { id, layers, references }
    }
}

/// Returns the labels of partial images that a completed transfer of these images makes obsolete: parts of the same
/// images, and parts of other images that should have got the same names.
fn obsolete_labels(images: &[Image]) -> Vec<String> {
    let by_id = images.iter().map(|image| format!("{PARTIAL_LABEL}={}", image.id));
    let names = images.iter().flat_map(|image| &image.references);
    by_id.chain(names.map(|name| format!("{PARTIAL_NAME_LABEL}={name}"))).collect()
}

fn references(source: &Source, id: Digest) -> Vec<String> {
    let image = source.images().iter().find(|image| image.id == id);
    image.map(|image| image.references.clone()).unwrap_or_default()
}

/// Returns the number of different layers of images.
fn count_layers(images: &[Image]) -> usize {
    images.iter().flat_map(Image::diff_ids).collect::<HashSet<_>>().len()
}

/// Returns the error of a receiver that was passed through a writer as an I/O error.
fn receiver_error(error: io::Error) -> remote::Error {
    // Writers can return only I/O errors; the receiver puts its own inside of one.
    match error.downcast::<remote::Error>() {
        Ok(error) => error,
        Err(error) => remote::Error::Sending(error),
    }
}
