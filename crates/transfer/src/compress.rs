//! Compression as the link deserves: blocks are compressed while the link is busy with those before them, and stored
//! where it waits for them.
//!
//! Each block is a frame (zstd) or a member (gzip) of its own, and such may follow each other; so all cores work, and
//! each block decides for itself. Content that does not get smaller is stored, and tried again ever more rarely.

mod frame;
mod patience;

use std::io::{self, Write};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use self::patience::Patience;

/// The bytes of a block before it is compressed.
const BLOCK: usize = 1 << 20;

/// More cores would need more memory than they gain time.
const MOST_WORKERS: usize = 8;

/// How the bytes on the way are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// As they are.
    None,
    /// What docker itself unpacks from 23.0 on.
    Zstd,
    /// What every docker unpacks.
    Gzip,
}

/// Whether blocks are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompressionPolicy {
    /// Where the link is what holds things up.
    WhileLinkIsBusy,
    /// Always.
    Always,
}

/// Where packed blocks go, in their order.
pub trait BlockSink: Send + 'static {
    /// Takes a block; waits while the link is busy.
    ///
    /// # Errors
    /// It cannot be sent.
    fn write_block(&mut self, block: Vec<u8>) -> io::Result<()>;

    /// What was sent so far is a whole that is to be loaded.
    ///
    /// # Errors
    /// It cannot be sent.
    fn end_step(&mut self) -> io::Result<()>;
}

/// Packs what is written to it, on all cores, and hands it on in order.
///
/// After an error of [`BlockSink`] writing fails; [`finish`](Self::finish) tells the error itself.
#[derive(Debug)]
pub struct Packer<B> {
    block: Vec<u8>,
    jobs: Option<Sender<Job>>,
    order: Option<SyncSender<Item>>,
    workers: Vec<JoinHandle<()>>,
    sender: JoinHandle<io::Result<B>>,
}

/// A block to be packed, and who waits for it.
struct Job {
    block: Vec<u8>,
    done: SyncSender<Vec<u8>>,
}

/// What is handed on, in this order.
enum Item {
    Block(Receiver<Vec<u8>>),
    EndOfStep,
}

impl<B: BlockSink> Packer<B> {
    /// Packs for these blocks.
    ///
    /// # Errors
    /// The system has no threads left.
    pub fn new(codec: Codec, when: CompressionPolicy, blocks: B) -> io::Result<Self> {
        let count = thread::available_parallelism().map_or(2, usize::from).min(MOST_WORKERS);
        let (jobs, queue) = channel();
        // As many blocks on the way as keep every worker busy while one is being sent.
        let (order, items) = sync_channel(count + 1);
        let is_waiting = Arc::new(AtomicBool::new(false));
        let queue = Arc::new(Mutex::new(queue));
        let patience = Arc::new(Patience::default());
        let workers = (0..count)
            .map(|_| {
                let (queue, is_waiting, patience) =
                    (Arc::clone(&queue), Arc::clone(&is_waiting), Arc::clone(&patience));
                let is_busy =
                    move || when == CompressionPolicy::Always || !is_waiting.load(Ordering::Relaxed);
                thread::Builder::new().spawn(move || work(codec, &queue, is_busy, &patience))
            })
            .collect::<io::Result<_>>()?;
        let sender = thread::Builder::new().spawn(move || send(&items, &is_waiting, blocks))?;
        let block = Vec::with_capacity(BLOCK);
        Ok(Packer { block, jobs: Some(jobs), order: Some(order), workers, sender })
    }

    /// Ends a step: what was written so far is handed on, and said to be a whole.
    ///
    /// # Errors
    /// It cannot be sent.
    pub fn end_step(&mut self) -> io::Result<()> {
        self.flush()?;
        self.enqueue(Item::EndOfStep)
    }

    /// Waits until all is handed on, and gives back what it was handed to.
    ///
    /// # Errors
    /// It could not be sent.
    pub fn finish(mut self) -> io::Result<B> {
        let flushed = self.flush();
        drop((self.jobs.take(), self.order.take()));
        for worker in mem::take(&mut self.workers) {
            worker.join().map_err(|_| ended())?;
        }
        let blocks = self.sender.join().map_err(|_| ended())??;
        flushed.map(|()| blocks)
    }

    fn enqueue(&self, item: Item) -> io::Result<()> {
        let order = self.order.as_ref().ok_or_else(ended)?;
        order.send(item).map_err(|_| ended())
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

    /// Hands on what is a whole block or less.
    fn flush(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let block = mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
        let (done, packed) = sync_channel(1);
        // First its place in the order, which waits while too many are on the way.
        self.enqueue(Item::Block(packed))?;
        self.jobs.as_ref().ok_or_else(ended)?.send(Job { block, done }).map_err(|_| ended())
    }
}

fn work(codec: Codec, queue: &Mutex<Receiver<Job>>, is_busy: impl Fn() -> bool, patience: &Patience) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { block, done }) = job else { return };
        let packed = if is_busy() && patience.tries() {
            let packed = frame::compressed(codec, &block);
            patience.saw(packed.is_some());
            packed
        } else {
            None
        };
        // Nobody waits any more where sending has failed.
        let _ = done.send(packed.unwrap_or_else(|| frame::stored(codec, block)));
    }
}

/// Hands blocks on in order; `is_waiting` tells whether the link waits for one that is still being packed.
fn send<B: BlockSink>(items: &Receiver<Item>, is_waiting: &AtomicBool, mut blocks: B) -> io::Result<B> {
    for item in items {
        match item {
            Item::Block(packed) => {
                let ready = packed.try_recv();
                is_waiting.store(ready == Err(TryRecvError::Empty), Ordering::Relaxed);
                let block = ready.or_else(|_| packed.recv()).map_err(|_| ended())?;
                is_waiting.store(false, Ordering::Relaxed);
                blocks.write_block(block)?;
            }
            Item::EndOfStep => blocks.end_step()?,
        }
    }
    Ok(blocks)
}

fn ended() -> io::Error {
    io::Error::from(io::ErrorKind::BrokenPipe)
}
