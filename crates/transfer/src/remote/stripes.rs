//! The state of a transfer over several streams, without the streams: events and the time go in, and what is to be done
//! next comes out. So every order of events can be tested without ssh.
//!
//! A stream that carries chunks and ends makes the transfer fail, whichever stream it waits for. The script on the host
//! knows the reason better than we do, and gets a moment to report it.

use std::time::{Duration, Instant};

/// The time that the rest of the transfer gets to report the reason after a part of it has ended.
const GRACE: Duration = Duration::from_secs(10);

/// The chunks that one of several streams accepts: while it writes, the others get theirs.
const ROOM: usize = 1;

/// The streams of a transfer and the state of its script. Stream 0 is the input of the script.
#[derive(Debug)]
pub(super) struct Stripes {
    /// All streams that were requested, by number.
    streams: Vec<Stripe>,
    /// The numbers of the streams that carry chunks, and the position of the next one in it.
    open: Vec<usize>,
    next: usize,
    /// How many archives were sent completely, and how many of them are loaded.
    archives: usize,
    loaded: usize,
    /// Whether the script succeeded, once it has ended.
    succeeded: Option<bool>,
    is_output_closed: bool,
    /// Whether nothing follows what was sent, so that streams end in order.
    is_closing: bool,
    /// When the transfer has failed, because a part of it has ended.
    deadline: Option<Instant>,
}

/// One stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stripe {
    /// The number of chunks that it accepts.
    room: usize,
    has_ended: bool,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// A stream can carry chunks.
    Started(usize),
    /// A stream has written a chunk.
    Written(usize),
    /// The input of a stream accepts no more bytes.
    Broken(usize),
    /// The session of a stream has ended.
    Exited { stream: usize, success: bool },
    /// The script has closed its output.
    OutputClosed,
    /// An archive is loaded.
    Loaded,
}

/// Whether a transfer can continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It can continue now.
    Ready,
    /// Something has to happen first.
    Wait,
    /// It cannot continue any more.
    Failed,
}

impl Stripes {
    /// Creates the state with the script's stream alone.
    pub(super) fn new() -> Self {
        Stripes {
            streams: vec![Stripe { room: ROOM, has_ended: false }],
            open: vec![0],
            next: 0,
            archives: 0,
            loaded: 0,
            succeeded: None,
            is_output_closed: false,
            is_closing: false,
            deadline: None,
        }
    }

    /// Adds a stream that was requested.
    pub(super) fn request_stream(&mut self) {
        self.streams.push(Stripe { room: ROOM, has_ended: false });
    }

    /// Returns the number of streams that were requested, that are alive, and that carry chunks.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let alive = self.streams.iter().filter(|stream| !stream.has_ended).count();
        (self.streams.len(), alive, self.open.len())
    }

    /// Returns the number of the stream that carries the next chunk.
    pub(super) fn current(&self) -> usize {
        self.open[self.next]
    }

    /// Passes on to the stream after the current one, and returns its number.
    pub(super) fn advance(&mut self) -> usize {
        self.next = (self.next + 1) % self.open.len();
        self.current()
    }

    /// Accounts for a chunk that a stream is given.
    pub(super) fn on_send(&mut self, stream: usize) {
        let room = &mut self.streams[stream].room;
        *room = room.saturating_sub(1);
    }

    /// Accounts for an archive that is sent completely.
    pub(super) fn on_archive(&mut self) {
        self.archives += 1;
    }

    /// Accounts for the end of all input.
    pub(super) fn close(&mut self) {
        self.is_closing = true;
    }

    /// Accounts for an event.
    pub(super) fn on_change(&mut self, change: Change, now: Instant) {
        match change {
            Change::Started(stream) if !self.open.contains(&stream) => {
                self.open.push(stream);
                // It may have ended since.
                if self.streams[stream].has_ended {
                    self.fail_after_grace(now);
                }
            }
            Change::Started(_) => {}
            Change::Written(stream) => self.streams[stream].room += 1,
            Change::Loaded => self.loaded += 1,
            Change::Broken(stream) => self.end_stream(stream, now),
            Change::OutputClosed => {
                self.is_output_closed = true;
                self.fail_after_grace(now);
            }
            Change::Exited { stream, success } => {
                if stream == 0 {
                    self.succeeded = Some(success);
                    self.fail_after_grace(now);
                }
                // After the last chunk, streams end because their input does.
                if !(self.is_closing && success) {
                    self.end_stream(stream, now);
                }
                self.streams[stream].has_ended = true;
            }
        }
    }

    /// Returns whether a stream accepts a chunk.
    pub(super) fn can_send(&self, stream: usize, now: Instant) -> Verdict {
        if self.has_failed(now) {
            return Verdict::Failed;
        }
        let Stripe { room, has_ended } = self.streams[stream];
        if room > 0 && !has_ended { Verdict::Ready } else { Verdict::Wait }
    }

    /// Returns whether all archives are loaded and the script has ended.
    pub(super) fn is_finished(&self, now: Instant) -> Verdict {
        match self.succeeded {
            Some(true) if self.is_output_closed && self.is_loaded() => Verdict::Ready,
            _ if self.has_failed(now) => Verdict::Failed,
            _ => Verdict::Wait,
        }
    }

    /// Returns whether the transfer cannot succeed any more.
    pub(super) fn has_failed(&self, now: Instant) -> bool {
        match self.succeeded {
            // Frames and the exit arrive through different threads: no frame follows the end of the output.
            Some(success) if self.is_output_closed => !(success && self.is_loaded()),
            _ => self.deadline.is_some_and(|deadline| now >= deadline),
        }
    }

    fn is_loaded(&self) -> bool {
        self.loaded == self.archives
    }

    fn end_stream(&mut self, stream: usize, now: Instant) {
        self.streams[stream].has_ended = true;
        // A stream that sshd refused has carried nothing.
        if self.open.contains(&stream) {
            self.fail_after_grace(now);
        }
    }

    fn fail_after_grace(&mut self, now: Instant) {
        self.deadline.get_or_insert(now + GRACE);
    }
}

#[cfg(test)]
mod tests;
