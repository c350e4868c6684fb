//! A session that a thread of its own writes to, while another one waits for its end.

use std::io::{PipeWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use dockerutils_command::{StreamOutput, Streaming};

use super::frame::Frame;

/// Byte blocks that are written to one stream, one after the other.
pub(super) type Chunk = Vec<Vec<u8>>;

/// An event in a stream; `stream` is its number.
#[derive(Debug)]
pub(super) enum Event {
    /// ssh has accepted a chunk of this size.
    Written { stream: usize, bytes: usize },
    /// ssh accepts no more bytes.
    Broken { stream: usize },
    /// The session has printed the marker above its first frame.
    Started { stream: usize },
    /// The session has printed a frame.
    Frame { stream: usize, frame: Frame },
    /// The session has closed its output.
    OutputClosed { stream: usize },
    /// The session has ended. It may have written chunks whose events follow.
    Exited { stream: usize, ended: Result<StreamOutput, dockerutils_command::Error> },
}

/// One of several ssh sessions that carry a transfer.
///
/// Chunks that are not yet written when it is dropped are discarded, unless it was closed.
#[derive(Debug)]
pub(super) struct Stream {
    chunks: Option<Sender<Chunk>>,
    is_abandoned: Arc<AtomicBool>,
}

impl Stream {
    /// Starts to write to a session whose input is a pipe.
    pub(super) fn new(number: usize, mut session: Streaming, events: Sender<Event>) -> Self {
        // Writing to ssh blocks while the line is busy: with a thread each, streams do not wait for each other.
        let (sender, chunks) = channel();
        let is_abandoned = Arc::new(AtomicBool::new(false));
        let stream = Stream { chunks: Some(sender), is_abandoned: Arc::clone(&is_abandoned) };
        let input = session.take_input();
        let of_writer = events.clone();
        thread::spawn(move || write_all(number, input, &chunks, &of_writer, &is_abandoned));
        // Not the thread that writes: it may wait for its next chunk, which depends on streams that wait for this one.
        thread::spawn(move || {
            // The receiver of the events is gone if the whole transfer was abandoned.
            let _ = events.send(Event::Exited { stream: number, ended: session.wait() });
        });
        stream
    }

    /// Queues a chunk. The caller limits the number of chunks that are not yet written, and so the memory of a transfer.
    pub(super) fn send(&mut self, chunk: Chunk) {
        if let Some(chunks) = &self.chunks {
            // If the thread has ended, its last event reports the reason.
            let _ = chunks.send(chunk);
        }
    }

    /// Closes the input of the session once all chunks are written.
    pub(super) fn close(&mut self) {
        self.chunks = None;
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.chunks.is_some() {
            self.is_abandoned.store(true, Ordering::SeqCst);
        }
    }
}

/// Writes chunks until there are no more. Dropping the input ends the command on the host, and so the session.
fn write_all(
    stream: usize,
    input: Option<PipeWriter>,
    chunks: &Receiver<Chunk>,
    events: &Sender<Event>,
    is_abandoned: &AtomicBool,
) {
    let Some(mut input) = input else { return };
    for chunk in chunks {
        // Checked for each chunk: what is queued for an abandoned stream is not sent.
        if is_abandoned.load(Ordering::SeqCst) {
            return;
        }
        if chunk.iter().try_for_each(|bytes| input.write_all(bytes)).is_err() {
            let _ = events.send(Event::Broken { stream });
            return;
        }
        let _ = events.send(Event::Written { stream, bytes: chunk.iter().map(Vec::len).sum() });
    }
}
