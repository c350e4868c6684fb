//! What the ways to receive have in common: sessions of a connection, and what happens in them.

use std::io::BufReader;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use dockerutils_command::{Command, Ended, Pipes, Runner};

use super::Result;
use super::connection::{Begun, Connection};
use super::error::{Error, last_words};
use super::frame;
use super::stream::{Event, Lane};

/// How many parts a single lane has: one that is being written, and one after it.
const ROOM: usize = 2;

/// The same of one of several lanes: while it writes, the others have their turns.
const ROOM_OF_SEVERAL: usize = 1;

/// How often we look whether we are told to stop.
const PATIENCE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: Arc<Connection>,
    runner: Runner,
    sender: Sender<Event>,
    events: Receiver<Event>,
    /// The bytes that ssh has taken.
    sent: u64,
}

impl Link {
    pub(super) fn new(connection: Arc<Connection>, runner: &Runner) -> Self {
        let (sender, events) = channel();
        Link { connection, runner: runner.clone(), sender, events, sent: 0 }
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Starts a session whose output is kept until it ends; `lane` is what its events say of it.
    pub(super) fn start(&self, lane: usize, session: &Command) -> Result<Lane> {
        Ok(Lane::new(lane, ROOM, self.runner.start(session, Pipes::Input)?, self.sender.clone()))
    }

    /// Starts a session that says when it has begun.
    pub(super) fn start_lane(&self, lane: usize, session: &Command) -> Result<Lane> {
        let mut session = self.runner.start(session, Pipes::Both)?;
        let output = session.take_output();
        let events = self.sender.clone();
        thread::spawn(move || {
            if let Some(output) = output
                && frame::begin(&mut BufReader::new(output)).unwrap_or(false)
            {
                let _ = events.send(Event::Begun { lane });
            }
        });
        Ok(Lane::new(lane, ROOM_OF_SEVERAL, session, self.sender.clone()))
    }

    /// Goes on with a session that answers in frames, which are told as they come.
    pub(super) fn answering(&self, lane: usize, Begun { session, mut answers }: Begun) -> Lane {
        let events = self.sender.clone();
        thread::spawn(move || {
            while let Ok(Some(frame)) = frame::next(&mut answers) {
                let _ = events.send(Event::Said { lane, frame });
            }
            let _ = events.send(Event::Silent { lane });
        });
        Lane::new(lane, ROOM_OF_SEVERAL, session, self.sender.clone())
    }

    /// What has happened, if anything.
    pub(super) fn look(&mut self) -> Option<Event> {
        let event = self.events.try_recv().ok()?;
        Some(self.count(event))
    }

    /// What happens next, or nothing for a while.
    ///
    /// # Errors
    /// We are told to stop.
    pub(super) fn wait(&mut self) -> Result<Option<Event>> {
        match self.events.recv_timeout(PATIENCE) {
            Ok(event) => Ok(Some(self.count(event))),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                self.runner.check_interrupted()?;
                Ok(None)
            }
        }
    }

    /// Why a session has ended before it should.
    pub(super) fn broken(&self, ended: &Ended) -> Error {
        match self.runner.check_interrupted() {
            Err(stopped) => stopped.into(),
            Ok(()) => Error::Lost {
                target: self.connection.name().to_owned(),
                sent: self.sent,
                words: last_words(&ended.stderr),
            },
        }
    }

    fn count(&mut self, event: Event) -> Event {
        if let Event::Written { bytes, .. } = event {
            self.sent += bytes as u64;
        }
        event
    }
}
