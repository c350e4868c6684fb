//! Delivers layers to a sink, each once, in the requested order.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

use dockerutils_oci::{Descriptor, Digest};

use super::blobs::deliver;
use super::checked::CheckedReader;
use super::error::Error;
use super::invalid_content::InvalidContent;
use super::sink::{LayerBlob, Order, Sink};
use super::spool::{Spool, Spooled};
use super::zstd_layer::{MAGIC, is_zstd};

/// A sink, and the layers that it has received, that wait for their turn, and that are still to come.
pub(super) struct OrderedSink<'a> {
    requested: Vec<Digest>,
    /// The layers that neither wait nor have been delivered.
    missing: HashSet<Digest>,
    order: Order,
    /// The index of the first requested layer that has not been delivered.
    next: usize,
    waiting: HashMap<Digest, (Descriptor, Spooled)>,
    spool: Spool,
    sink: &'a mut dyn Sink,
}

impl<'a> OrderedSink<'a> {
    pub(super) fn new(requested: &[Digest], order: Order, sink: &'a mut dyn Sink) -> Self {
        let mut missing = HashSet::new();
        let requested: Vec<Digest> =
            requested.iter().copied().filter(|diff_id| missing.insert(*diff_id)).collect();
        let (waiting, spool) = (HashMap::new(), Spool::default());
        OrderedSink { requested, missing, order, next: 0, waiting, spool, sink }
    }

    /// Returns whether this layer is still to come.
    pub(super) fn wants(&self, diff_id: &Digest) -> bool {
        self.missing.contains(diff_id)
    }

    /// Returns whether any layer is still to come.
    pub(super) fn wants_any(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Returns the layers that are still to come, in the requested order.
    pub(super) fn wanted(&self) -> Vec<Digest> {
        self.requested.iter().filter(|diff_id| self.wants(diff_id)).copied().collect()
    }

    /// Delivers a wanted layer, or keeps it until its turn.
    pub(super) fn emit(&mut self, layer: LayerBlob, content: &mut dyn Read) -> Result<(), Error> {
        let mut content = CheckedReader::with_digest(content, layer.blob.size, layer.blob.digest);
        // Its size stands above it in an archive, and is known only when the whole layer is unpacked.
        let must_wait = self.may_unpack(&layer) && is_zstd(&content.peek(MAGIC));
        if must_wait
            || self.order == Order::Requested && self.requested.get(self.next) != Some(&layer.diff_id)
        {
            let spooled = self.spool.store(&mut content)?;
            return self.emit_spooled(layer, spooled);
        }
        deliver(self.sink, &layer, &mut content)?;
        self.missing.remove(&layer.diff_id);
        self.advance();
        self.emit_waiting()
    }

    /// Delivers a layer that is in the spool, or keeps it there until its turn.
    pub(super) fn emit_spooled(&mut self, mut layer: LayerBlob, mut spooled: Spooled) -> Result<(), Error> {
        if self.wants(&layer.diff_id) && self.may_unpack(&layer) && self.spool.is_zstd(spooled)? {
            spooled = self.spool.unpack(spooled, layer.diff_id)?;
            layer.blob = Descriptor::of_layer(layer.diff_id, spooled.size);
        }
        if self.missing.remove(&layer.diff_id) {
            self.waiting.insert(layer.diff_id, (layer.blob, spooled));
        }
        self.emit_waiting()
    }

    /// Keeps content that cannot be recognized yet.
    pub(super) fn spool(&mut self, content: &mut CheckedReader<'_>) -> Result<Spooled, Error> {
        self.spool.store(content)
    }

    /// Reads content that was kept.
    pub(super) fn read_spooled(&mut self, spooled: Spooled) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.spool.open(spooled)?.read_to_end(&mut bytes).map_err(Error::Temporary)?;
        Ok(bytes)
    }

    /// Checks that every requested layer has been delivered.
    pub(super) fn finish(self) -> Result<(), Error> {
        match self.wanted().first() {
            None => Ok(()),
            Some(diff_id) => Err(InvalidContent::Missing(format!("layer {diff_id}")).into()),
        }
    }

    /// Returns whether a layer must be unpacked if it is compressed with zstd.
    fn may_unpack(&self, layer: &LayerBlob) -> bool {
        layer.blob.digest != layer.diff_id && !self.sink.accepts_zstd()
    }

    /// Delivers the waiting layers whose turn has come.
    fn emit_waiting(&mut self) -> Result<(), Error> {
        while let Some(diff_id) = self.next_turn() {
            let Some((blob, spooled)) = self.waiting.remove(&diff_id) else { return Ok(()) };
            // The content was checked when it was stored; only the temporary file can fail now.
            let mut content = FailureKeeper { input: self.spool.open(spooled)?, failure: None };
            let delivered = self.sink.layer(&LayerBlob { diff_id, blob }, &mut content);
            delivered.map_err(|error| content.failure.map_or(Error::Sink(error), Error::Temporary))?;
            self.advance();
        }
        Ok(())
    }

    fn next_turn(&self) -> Option<Digest> {
        match self.order {
            // A layer waits here only because it could not be recognized when it came.
            Order::Any => self.waiting.keys().next().copied(),
            Order::Requested => self.requested.get(self.next).copied(),
        }
    }

    fn advance(&mut self) {
        self.next += usize::from(self.order == Order::Requested);
    }
}

/// Keeps the error of a reader, which the sink may replace by one of its own.
struct FailureKeeper<R> {
    input: R,
    failure: Option<io::Error>,
}

impl<R: Read> Read for FailureKeeper<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer).map_err(|error| {
            let copy = io::Error::new(error.kind(), error.to_string());
            self.failure = Some(error);
            copy
        })
    }
}
