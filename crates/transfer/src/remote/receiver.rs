//! Sending archives to a host: each goes to a `docker load` of its own.
//!
//! Docker unpacks one archive while the next is already being sent; the last chunk of that one waits until the first is
//! loaded. An interrupted archive has no last chunk, and docker does not load an archive without its end.

use std::io;

use super::error::Result;
use super::event_loop::EventLoop;
use super::received::Received;
use super::single::SingleReceiver;
use super::stream::Chunk;
use super::striped::StripedReceiver;
use crate::BlockSink;

/// The bytes of a chunk: two blocks with what packing may add to them. Every chunk costs a line and a `dd` on the host,
/// and some chunks of every stream wait in memory.
const CHUNK: usize = (2 << 20) + (4 << 10);

/// Takes blocks for a host. If it is dropped before it has finished, the current archive is not loaded.
#[derive(Debug)]
pub struct Receiver {
    path: Path,
    /// The end of the archive so far, which is not yet sent: only its last chunk is marked as the last.
    held: Chunk,
}

/// The path that chunks take.
#[derive(Debug)]
enum Path {
    Single(SingleReceiver),
    Striped(StripedReceiver),
}

impl Receiver {
    pub(super) fn single(receiver: SingleReceiver) -> Self {
        Receiver { path: Path::Single(receiver), held: Vec::new() }
    }

    pub(super) fn striped(receiver: StripedReceiver) -> Self {
        Receiver { path: Path::Striped(receiver), held: Vec::new() }
    }

    /// Sends a block of the current archive; waits while the line is busy.
    ///
    /// # Errors
    /// Fails if the connection is lost, docker does not load an archive, or the process received a signal to stop.
    pub fn write_block(&mut self, block: Vec<u8>) -> Result<()> {
        let held: usize = self.held.iter().map(Vec::len).sum();
        // A chunk stays here until another block follows, because the last chunk of an archive is marked.
        if held > 0 && held + block.len() > CHUNK {
            let chunk = std::mem::take(&mut self.held);
            self.send(chunk, false)?;
        }
        self.held.push(block);
        Ok(())
    }

    /// Ends the current archive: docker loads what was written since the one before.
    ///
    /// # Errors
    /// As [`write_block`](Self::write_block), for this archive or an earlier one.
    pub fn end_step(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.held);
        // docker load fails for an empty archive.
        if chunk.is_empty() { Ok(()) } else { self.send(chunk, true) }
    }

    /// Waits until all archives are loaded.
    ///
    /// # Errors
    /// As [`write_block`](Self::write_block).
    pub fn finish(mut self) -> Result<Received> {
        self.end_step()?;
        match self.path {
            Path::Single(receiver) => receiver.finish(),
            Path::Striped(receiver) => receiver.finish(),
        }
    }

    /// Returns the bytes that ssh has accepted so far.
    pub fn sent(&self) -> u64 {
        self.event_loop().sent()
    }

    /// Returns the number of streams that are open.
    pub fn open_streams(&self) -> usize {
        match &self.path {
            Path::Single(_) => 1,
            Path::Striped(receiver) => receiver.open_streams(),
        }
    }

    fn event_loop(&self) -> &EventLoop {
        match &self.path {
            Path::Single(receiver) => receiver.event_loop(),
            Path::Striped(receiver) => receiver.event_loop(),
        }
    }

    fn send(&mut self, chunk: Chunk, is_last: bool) -> Result<()> {
        match &mut self.path {
            Path::Single(receiver) => receiver.send(chunk, is_last),
            Path::Striped(receiver) => receiver.send(chunk, is_last),
        }
    }
}

impl BlockSink for Receiver {
    fn write_block(&mut self, block: Vec<u8>) -> io::Result<()> {
        self.write_block(block).map_err(io::Error::other)
    }

    fn end_step(&mut self) -> io::Result<()> {
        Receiver::end_step(self).map_err(io::Error::other)
    }
}
