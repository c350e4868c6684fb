//! A session that is written to by a thread of its own.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use dockerutils_command::{Ended, Streaming};

use super::frame::Frame;

/// Bytes that are written one after the other.
pub(super) type Part = Vec<Vec<u8>>;

/// What happens in a lane.
#[derive(Debug)]
pub(super) enum Event {
    /// ssh has taken a part of so many bytes.
    Written { lane: usize, bytes: usize },
    /// The session has begun to answer.
    Begun { lane: usize },
    /// The session answers.
    Said { lane: usize, frame: Frame },
    /// The session answers no more.
    Silent { lane: usize },
    /// The session is over.
    Ended { lane: usize, ended: Result<Ended, dockerutils_command::Error> },
}

/// A lane. What it has not written when it is dropped is not written any more, unless it was closed.
#[derive(Debug)]
pub(super) struct Lane {
    parts: Option<Sender<Part>>,
    room: usize,
    abandoned: Arc<AtomicBool>,
}

impl Lane {
    /// Writes to a session whose input is a pipe of ours; `number` is what its events say of it, and `room` how many
    /// parts it may have at a time.
    pub(super) fn new(number: usize, room: usize, session: Streaming, events: Sender<Event>) -> Self {
        let (sender, parts) = channel();
        let abandoned = Arc::new(AtomicBool::new(false));
        let lane = Lane { parts: Some(sender), room, abandoned: Arc::clone(&abandoned) };
        thread::spawn(move || run(number, session, &parts, &events, &abandoned));
        lane
    }

    /// Whether a part may be given to it.
    pub(super) fn has_room(&self) -> bool {
        self.room > 0
    }

    /// Gives it a part. It has room, or it takes more memory than it should.
    pub(super) fn give(&mut self, part: Part) {
        self.room = self.room.saturating_sub(1);
        if let Some(parts) = &self.parts {
            // Where the thread has ended, its event tells why.
            let _ = parts.send(part);
        }
    }

    /// A part has been written.
    pub(super) fn written(&mut self) {
        self.room += 1;
    }

    /// Closes the session's input once all is written.
    pub(super) fn close(&mut self) {
        self.parts = None;
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if self.parts.is_some() {
            self.abandoned.store(true, Ordering::SeqCst);
        }
    }
}

fn run(
    lane: usize,
    mut session: Streaming,
    parts: &Receiver<Part>,
    events: &Sender<Event>,
    abandoned: &AtomicBool,
) {
    let mut input = session.take_input();
    for part in parts {
        let Some(input) = input.as_mut().filter(|_| !abandoned.load(Ordering::SeqCst)) else { break };
        if part.iter().try_for_each(|bytes| input.write_all(bytes)).is_err() {
            break;
        }
        let _ = events.send(Event::Written { lane, bytes: part.iter().map(Vec::len).sum() });
    }
    drop(input);
    // Nobody listens where the whole transfer has been given up.
    let _ = events.send(Event::Ended { lane, ended: session.wait() });
}
