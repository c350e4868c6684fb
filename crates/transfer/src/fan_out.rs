//! Sending to several targets from one reading: each gets the layers that it lacks, as they are read.

use std::collections::HashSet;
use std::io::{self, Read};
use std::mem;
use std::thread;

use dockerutils_command::Runner;
use dockerutils_oci::{Descriptor, Digest};

use crate::error::Result;
use crate::observer::{Observer, Warning};
use crate::source::{self, LayerBlob, Order, ReadImage, Sink, SinkError};
use crate::{ArchiveImage, BlockSink, Image, Shipment, Source};

/// The bytes that are read at a time. A signal to stop is noticed between two reads.
const CHUNK: usize = 256 << 10;

/// The result for one target: the images as they were sent, and the blocks that took them.
pub(crate) type Sent<B> = io::Result<(Vec<ArchiveImage>, B)>;

/// The results for all targets, and what was sent to none or not to all of them.
pub(crate) struct AllSent<B> {
    /// The results, in the order of the shipments.
    pub(crate) targets: Vec<Sent<B>>,
    /// Warnings about parts of images that a target did not get. They are reported when the progress has ended.
    pub(crate) left_out: Vec<Warning>,
}

/// Passes what is read to all targets.
struct FanOut<'a, 'b, B> {
    /// The shipments to targets that are still active, and the errors of the others.
    active: Vec<io::Result<Shipment<'a, B>>>,
    /// Whether all targets unpack layers that are compressed with zstd.
    accepts_zstd: bool,
    /// Whether the layers are sent, and what is read now are the other blobs of indexes.
    is_past_layers: bool,
    observer: &'b dyn Observer,
    runner: &'b Runner,
}

/// Reads the layers that any of these shipments contains, and sends them. Returns the results in the shipments' order.
///
/// # Errors
/// Fails if the images cannot be read, or the process received a signal to stop.
pub(crate) fn send<B: BlockSink>(
    source: &Source,
    shipments: Vec<Shipment<'_, B>>,
    observer: &dyn Observer,
    runner: &Runner,
) -> Result<AllSent<B>> {
    let wanted = wanted_layers(source.images(), &shipments);
    let in_steps = wanted.len() > 1 && shipments.iter().any(Shipment::goes_in_steps);
    let order = if in_steps { Order::Requested } else { Order::Any };
    let accepts_zstd = shipments.iter().all(Shipment::accepts_zstd);
    let active = shipments.into_iter().map(Ok).collect();
    let mut fan_out = FanOut { active, accepts_zstd, is_past_layers: false, observer, runner };
    let read = source.read_layers(&wanted, order, runner, &mut fan_out);
    let read = read.and_then(|parts| fan_out.send_trees(source, &parts).map(|()| parts));
    let parts = match read {
        Ok(parts) => parts,
        // The process received a signal, or all targets have failed, each with an error of its own.
        Err(source::Error::Sink(_)) => {
            runner.check_interrupted()?;
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    let left_out = fan_out.left_out(source.images(), &parts);
    let finish =
        |active: io::Result<_>| active.and_then(|shipment| finish(shipment, source.images(), &parts));
    // Finishing a shipment waits until its target has loaded it: they wait side by side.
    let targets = thread::scope(|scope| {
        let threads: Vec<_> =
            fan_out.active.into_iter().map(|active| scope.spawn(|| finish(active))).collect();
        let panicked = |_| Err(io::Error::other("sending has stopped"));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
    });
    Ok(AllSent { targets, left_out })
}

fn finish<B: BlockSink>(shipment: Shipment<'_, B>, images: &[Image], parts: &[ReadImage]) -> Sent<B> {
    let config = |image: &Image| {
        let index = images.iter().position(|other| other.id == image.id)?;
        parts.get(index).map(|parts| parts.config.clone())
    };
    let configs = shipment.images().iter().filter_map(config).collect();
    shipment.finish(configs)
}

/// Returns the layers that any of the shipments contains, the lower ones of an image before the upper ones.
fn wanted_layers<B: BlockSink>(images: &[Image], shipments: &[Shipment<'_, B>]) -> Vec<Digest> {
    let mut sent: HashSet<Digest> = shipments.iter().flat_map(Shipment::layers_to_send).copied().collect();
    let layers = images.iter().flat_map(|image| &image.layers).map(|layer| layer.diff_id);
    layers.filter(|diff_id| sent.remove(diff_id)).collect()
}

impl<'a, B: BlockSink> FanOut<'a, '_, B> {
    /// Does something with every active shipment. One that fails is replaced by its error.
    fn for_each_active(&mut self, mut action: impl FnMut(&mut Shipment<'a, B>) -> io::Result<()>) {
        for active in &mut self.active {
            let Ok(shipment) = active else { continue };
            if let Err(error) = action(shipment)
                && let Ok(failed) = mem::replace(active, Err(error))
                // Writing fails with a broken pipe; the thread that sends has the reason.
                && let Some(reason) = failed.failure()
            {
                *active = Err(reason);
            }
        }
    }

    /// Sends the other blobs of the images' indexes to the targets that take them.
    fn send_trees(&mut self, source: &Source, parts: &[ReadImage]) -> std::result::Result<(), source::Error> {
        self.is_past_layers = true;
        let mut blobs: Vec<Descriptor> = Vec::new();
        for (image, read) in source.images().iter().zip(parts) {
            let Some(tree) = &read.tree else { continue };
            let mut is_taken = false;
            for shipment in self.active.iter_mut().flatten().filter(|own| own.takes_tree(image.id, tree)) {
                shipment.add_tree(image.id, tree);
                is_taken = true;
            }
            let new = tree.blobs.iter().filter(|blob| is_taken && !blobs.contains(blob));
            blobs.extend(new.cloned().collect::<Vec<_>>());
        }
        if blobs.is_empty() { Ok(()) } else { source.read_blobs(&blobs, self.runner, self) }
    }

    /// Returns warnings about the parts of images that are not sent to every target.
    fn left_out(&self, images: &[Image], parts: &[ReadImage]) -> Vec<Warning> {
        let is_left_out = |(image, read): &(&Image, &ReadImage)| {
            let misses = |shipment: &Shipment<'_, B>| shipment.lacks_tree(image.id);
            !read.left_out.is_empty() && self.active.iter().flatten().any(misses)
        };
        let warning = |(image, read): (&Image, &ReadImage)| Warning::PartsLeftOut {
            image: image.name(),
            platform: image.platform.clone(),
            left_out: read.left_out.clone(),
        };
        images.iter().zip(parts).filter(is_left_out).map(warning).collect()
    }

    fn has_active(&self) -> bool {
        self.active.iter().any(io::Result::is_ok)
    }
}

impl<B: BlockSink> Sink for FanOut<'_, '_, B> {
    fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> std::result::Result<(), SinkError> {
        if self.is_past_layers {
            self.for_each_active(|shipment| shipment.begin_blob(&layer.blob));
        } else {
            self.for_each_active(|shipment| shipment.begin_layer(layer));
        }
        let mut chunk = vec![0; CHUNK];
        loop {
            self.runner.check_interrupted()?;
            if !self.has_active() {
                return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
            }
            let count = content.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            self.for_each_active(|shipment| shipment.write(&chunk[..count]));
            self.observer.on_progress(count);
        }
        self.for_each_active(Shipment::end_layer);
        Ok(())
    }

    fn accepts_zstd(&self) -> bool {
        self.accepts_zstd
    }
}
