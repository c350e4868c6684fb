//! Compression that adapts to the link: blocks are compressed while the link is busy with earlier ones, and stored when
//! it waits for them.
//!
//! Every block is a zstd frame or a gzip member of its own. Both formats allow such parts to follow each other, so all
//! processors can work, and every block is decided on separately. Blocks that do not get smaller are stored, and
//! compression is then tried less and less often.

mod backoff;
mod codec;

use std::io::{self, Write};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use self::backoff::Backoff;
pub use self::codec::Codec;

/// The bytes of a block before it is compressed.
const BLOCK: usize = 1 << 20;

/// Each worker holds a block, so more of them would need more memory than they gain time.
const MAX_WORKERS: usize = 8;

/// The blocks that are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompressionPolicy {
    /// Those that are packed while the link is busy, so that compression never delays it.
    WhileLinkIsBusy,
    /// All blocks, at once.
    Always,
}

/// Takes packed blocks, in their order.
pub trait BlockSink: Send + 'static {
    /// Takes a block; waits while the link is busy.
    ///
    /// # Errors
    /// Fails if the block cannot be sent.
    fn write_block(&mut self, block: Vec<u8>) -> io::Result<()>;

    /// Marks the end of a step: the blocks since the last one form an archive to load.
    ///
    /// # Errors
    /// Fails if the end cannot be sent.
    fn end_step(&mut self) -> io::Result<()>;
}

/// A writer that packs blocks on all processors and passes them on in order.
///
/// After the [`BlockSink`] has failed, writing fails with a broken pipe; [`finish`](Self::finish) returns the error itself.
#[derive(Debug)]
pub struct Packer<B> {
    block: Vec<u8>,
    jobs: Option<Sender<Job>>,
    queue: Option<SyncSender<Item>>,
    workers: Vec<JoinHandle<()>>,
    sender: JoinHandle<io::Result<B>>,
}

/// A block to pack, and the channel for the packed one.
struct Job {
    block: Vec<u8>,
    packed: SyncSender<Vec<u8>>,
}

/// An item of the queue of the sending thread.
enum Item {
    Block(Receiver<Vec<u8>>),
    EndOfStep,
}

impl<B: BlockSink> Packer<B> {
    /// Starts the threads that pack blocks and pass them on.
    ///
    /// # Errors
    /// Fails if the system refuses a thread.
    pub fn new(codec: Codec, policy: CompressionPolicy, sink: B) -> io::Result<Self> {
        let count = thread::available_parallelism().map_or(2, usize::from).min(MAX_WORKERS);
        let (jobs, waiting_jobs) = channel();
        // One block more than there are workers keeps all of them busy while a block is being sent.
        let (queue, items) = sync_channel(count + 1);
        let waiting_jobs = Arc::new(Mutex::new(waiting_jobs));
        let (link_waits, backoff) = (Arc::new(AtomicBool::new(false)), Arc::new(Backoff::default()));
        let spawn_worker = |_| {
            let (jobs, backoff) = (Arc::clone(&waiting_jobs), Arc::clone(&backoff));
            let link_waits = Arc::clone(&link_waits);
            let may_compress =
                move || policy == CompressionPolicy::Always || !link_waits.load(Ordering::Relaxed);
            thread::Builder::new().spawn(move || work(codec, &jobs, may_compress, &backoff))
        };
        let workers = (0..count).map(spawn_worker).collect::<io::Result<_>>()?;
        let sender = thread::Builder::new().spawn(move || send(&items, &link_waits, sink))?;
        let block = Vec::with_capacity(BLOCK);
        Ok(Packer { block, jobs: Some(jobs), queue: Some(queue), workers, sender })
    }

    /// Passes on everything written so far, and ends the step.
    ///
    /// # Errors
    /// Fails if it cannot be sent.
    pub fn end_step(&mut self) -> io::Result<()> {
        self.flush()?;
        self.enqueue(Item::EndOfStep)
    }

    /// Waits until everything is passed on, and returns the sink.
    ///
    /// # Errors
    /// Fails with the sink's error if the sink has failed.
    pub fn finish(mut self) -> io::Result<B> {
        let flushed = self.flush();
        // The threads end when their channels are closed.
        drop((self.jobs.take(), self.queue.take()));
        for worker in mem::take(&mut self.workers) {
            worker.join().map_err(|_| broken_pipe())?;
        }
        let sink = self.sender.join().map_err(|_| broken_pipe())??;
        flushed.map(|()| sink)
    }

    fn enqueue(&self, item: Item) -> io::Result<()> {
        let queue = self.queue.as_ref().ok_or_else(broken_pipe)?;
        queue.send(item).map_err(|_| broken_pipe())
    }
}

impl<B: BlockSink> Write for Packer<B> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == BLOCK {
            self.flush()?;
        }
        Ok(taken)
    }

    /// Passes on the bytes since the last block, however few they are.
    fn flush(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let block = mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
        let (packed, packed_block) = sync_channel(1);
        // The place in the queue comes first: the queue is bounded, so this limits the blocks in memory.
        self.enqueue(Item::Block(packed_block))?;
        self.jobs.as_ref().ok_or_else(broken_pipe)?.send(Job { block, packed }).map_err(|_| broken_pipe())
    }
}

fn work(codec: Codec, jobs: &Mutex<Receiver<Job>>, may_compress: impl Fn() -> bool, backoff: &Backoff) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { block, packed }) = job else { return };
        let mut compressed = None;
        if may_compress() && backoff.should_try() {
            compressed = codec.compress(&block);
            backoff.record(compressed.is_some());
        }
        // Fails only if the sending thread has ended, which then returns its own error.
        let _ = packed.send(compressed.unwrap_or_else(|| codec.store(block)));
    }
}

/// Passes blocks on in order, and sets `link_waits` while the link is idle because a block is still being packed.
fn send<B: BlockSink>(items: &Receiver<Item>, link_waits: &AtomicBool, mut sink: B) -> io::Result<B> {
    for item in items {
        match item {
            Item::Block(packed) => {
                let ready = packed.try_recv();
                link_waits.store(ready == Err(TryRecvError::Empty), Ordering::Relaxed);
                let block = ready.or_else(|_| packed.recv()).map_err(|_| broken_pipe())?;
                link_waits.store(false, Ordering::Relaxed);
                sink.write_block(block)?;
            }
            Item::EndOfStep => sink.end_step()?,
        }
    }
    Ok(sink)
}

fn broken_pipe() -> io::Error {
    io::Error::from(io::ErrorKind::BrokenPipe)
}
