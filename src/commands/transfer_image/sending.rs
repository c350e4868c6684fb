//! From one reading to all targets: each gets the layers that it lacks, as they are read.

use std::collections::HashSet;
use std::io::{self, Read};
use std::mem;
use std::thread;

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use dockerutils_transfer::source::{self, LayerBlob, Order, ReadImage, Sink, SinkError, Source};
use dockerutils_transfer::{ArchiveImage, BlockSink, Image, Shipment};

use crate::Result;
use crate::ui::ByteProgress;

/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// What came of one target: the images as they were sent, and where to.
pub(super) type Sent<B> = io::Result<(Vec<ArchiveImage>, B)>;

/// Hands what is read to all targets.
struct FanOut<'a, 'b, B> {
    /// Why, for those that have failed.
    going: Vec<io::Result<Shipment<'a, B>>>,
    progress: &'b ByteProgress,
    runner: &'b Runner,
}

/// Reads what any of these shipments is to hold, and sends it; answers for each, in their order.
///
/// # Errors
/// The images cannot be read.
pub(super) fn send<B: BlockSink>(
    source: &Source,
    shipments: Vec<Shipment<'_, B>>,
    progress: &ByteProgress,
    runner: &Runner,
) -> Result<Vec<Sent<B>>> {
    let wanted = wanted(source.images(), &shipments);
    let in_steps = wanted.len() > 1 && shipments.iter().any(Shipment::goes_in_steps);
    let order = if in_steps { Order::Requested } else { Order::Any };
    let mut fan_out = FanOut { going: shipments.into_iter().map(Ok).collect(), progress, runner };
    let parts = match source.read_layers(&wanted, order, runner, &mut fan_out) {
        Ok(parts) => parts,
        // We were told to stop, or all of them have failed, each for a reason of its own.
        Err(source::Error::Sink(_)) => {
            runner.check_interrupted()?;
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    let finish = |going: io::Result<_>| going.and_then(|shipment| finish(shipment, source.images(), &parts));
    // Each waits for its target to load what it has been sent.
    Ok(thread::scope(|scope| {
        let going = fan_out.going.into_iter();
        let ends: Vec<_> = going.map(|going| scope.spawn(|| finish(going))).collect();
        let stopped = |_| Err(io::Error::other("sending has stopped"));
        ends.into_iter().map(|end| end.join().unwrap_or_else(stopped)).collect()
    }))
}

fn finish<B: BlockSink>(shipment: Shipment<'_, B>, images: &[Image], parts: &[ReadImage]) -> Sent<B> {
    let config = |image: &Image| {
        let index = images.iter().position(|other| other.id == image.id)?;
        parts.get(index).map(|parts| parts.config.clone())
    };
    let configs = shipment.images().iter().filter_map(config).collect();
    shipment.finish(configs)
}

/// The layers that any of these is to hold, the lower ones of an image before the upper ones.
fn wanted<B: BlockSink>(images: &[Image], shipments: &[Shipment<'_, B>]) -> Vec<Digest> {
    let mut sent: HashSet<Digest> = shipments.iter().flat_map(Shipment::layers_to_send).copied().collect();
    let layers = images.iter().flat_map(|image| &image.layers).map(|layer| layer.diff_id);
    layers.filter(|diff_id| sent.remove(diff_id)).collect()
}

impl<'a, B: BlockSink> FanOut<'a, '_, B> {
    /// Does this for every target that has not failed.
    fn each(&mut self, mut act: impl FnMut(&mut Shipment<'a, B>) -> io::Result<()>) {
        for going in &mut self.going {
            let Ok(shipment) = going else { continue };
            if let Err(error) = act(shipment)
                && let Ok(failed) = mem::replace(going, Err(error))
                && let Some(reason) = failed.failure()
            {
                *going = Err(reason);
            }
        }
    }

    fn is_over(&self) -> bool {
        !self.going.iter().any(io::Result::is_ok)
    }
}

impl<B: BlockSink> Sink for FanOut<'_, '_, B> {
    fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> std::result::Result<(), SinkError> {
        self.each(|shipment| shipment.begin_layer(layer));
        let mut chunk = vec![0; CHUNK];
        loop {
            self.runner.check_interrupted()?;
            if self.is_over() {
                return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
            }
            let count = content.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            self.each(|shipment| shipment.write(&chunk[..count]));
            self.progress.advance(count as u64);
        }
        self.each(Shipment::end_layer);
        Ok(())
    }
}
