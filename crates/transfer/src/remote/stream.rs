//! A session that a thread of its own writes to.

use std::io::Write;
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
    /// The session has printed the marker above its first frame.
    Started { stream: usize },
    /// The session has printed a frame.
    Frame { stream: usize, frame: Frame },
    /// The session has closed its output.
    OutputClosed { stream: usize },
    /// The session has ended.
    Exited { stream: usize, ended: Result<StreamOutput, dockerutils_command::Error> },
}

/// One of several ssh sessions that carry a transfer.
///
/// Chunks that are not yet written when it is dropped are discarded, unless it was closed.
#[derive(Debug)]
pub(super) struct Stream {
    chunks: Option<Sender<Chunk>>,
    room: usize,
    is_abandoned: Arc<AtomicBool>,
}

impl Stream {
    /// Starts to write to a session whose input is a pipe; it accepts at most `room` chunks at a time.
    pub(super) fn new(number: usize, room: usize, session: Streaming, events: Sender<Event>) -> Self {
        // Writing to ssh blocks while the line is busy: with a thread each, streams do not wait for each other.
        let (sender, chunks) = channel();
        let is_abandoned = Arc::new(AtomicBool::new(false));
        let stream = Stream { chunks: Some(sender), room, is_abandoned: Arc::clone(&is_abandoned) };
        thread::spawn(move || write_all(number, session, &chunks, &events, &is_abandoned));
        stream
    }

    /// Returns whether it accepts another chunk.
    pub(super) fn has_room(&self) -> bool {
        self.room > 0
    }

    /// Queues a chunk. Check [`has_room`](Self::has_room) first: that limits the memory of a transfer.
    pub(super) fn send(&mut self, chunk: Chunk) {
        self.room = self.room.saturating_sub(1);
        if let Some(chunks) = &self.chunks {
            // If the thread has ended, its last event reports the reason.
            let _ = chunks.send(chunk);
        }
    }

    /// Accounts for a chunk that has been written.
    pub(super) fn on_written(&mut self) {
        self.room += 1;
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

fn write_all(
    stream: usize,
    mut session: Streaming,
    chunks: &Receiver<Chunk>,
    events: &Sender<Event>,
    is_abandoned: &AtomicBool,
) {
    let mut input = session.take_input();
    for chunk in chunks {
        // Checked for each chunk: what is queued for an abandoned stream is not sent.
        let Some(input) = input.as_mut().filter(|_| !is_abandoned.load(Ordering::SeqCst)) else { break };
        if chunk.iter().try_for_each(|bytes| input.write_all(bytes)).is_err() {
            break;
        }
        let _ = events.send(Event::Written { stream, bytes: chunk.iter().map(Vec::len).sum() });
    }
    // The end of its input ends the command on the host, and so the session.
    drop(input);
    // The receiver of the events is gone if the whole transfer was abandoned.
    let _ = events.send(Event::Exited { stream, ended: session.wait() });
}
