//! The streams of one connection and the queue of their events.

use std::io::BufReader;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use dockerutils_command::{Command, Pipes, Runner, StreamOutput};
use dockerutils_ssh::last_line;

use super::connection::{Connection, Script};
use super::error::{Error, Result};
use super::frame;
use super::stream::{Event, Stream};

/// How often a wait for events checks for a signal to stop.
const POLL: Duration = Duration::from_millis(100);

/// Starts streams and collects their events; both kinds of receivers are driven by it.
#[derive(Debug)]
pub(super) struct EventLoop {
    pub(super) connection: Arc<Connection>,
    runner: Runner,
    sender: Sender<Event>,
    events: Receiver<Event>,
    /// The bytes that ssh has accepted.
    sent: u64,
}

impl EventLoop {
    pub(super) fn new(connection: Arc<Connection>, runner: &Runner) -> Self {
        let (sender, events) = channel();
        EventLoop { connection, runner: runner.clone(), sender, events, sent: 0 }
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Starts a session whose output is captured until it ends.
    pub(super) fn start(&self, number: usize, session: &Command) -> Result<Stream> {
        Ok(Stream::new(number, self.runner.start(session, Pipes::Input)?, self.sender.clone()))
    }

    /// Starts one of several streams; its session prints the marker when it is ready.
    pub(super) fn start_one_of_several(&self, number: usize, session: &Command) -> Result<Stream> {
        // A thread waits for the marker: the streams that are open already must not wait for this one.
        let mut session = self.runner.start(session, Pipes::Both)?;
        let output = session.take_output();
        let events = self.sender.clone();
        thread::spawn(move || {
            if let Some(output) = output
                && frame::skip_greeting(&mut BufReader::new(output)).unwrap_or(false)
            {
                let _ = events.send(Event::Started { stream: number });
            }
        });
        Ok(Stream::new(number, session, self.sender.clone()))
    }

    /// Makes a stream of the session of a script; its frames become events.
    pub(super) fn adopt(&self, number: usize, Script { session, mut output }: Script) -> Stream {
        let events = self.sender.clone();
        thread::spawn(move || {
            while let Ok(Some(frame)) = frame::read_frame(&mut output) {
                let _ = events.send(Event::Frame { stream: number, frame });
            }
            // Frames and the exit arrive through different threads: this event shows that no frame will follow.
            let _ = events.send(Event::OutputClosed { stream: number });
        });
        Stream::new(number, session, self.sender.clone())
    }

    /// Returns the next event if there is one already.
    pub(super) fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.try_recv().ok()?;
        Some(self.count(event))
    }

    /// Waits for the next event; `None` after a moment without one.
    ///
    /// # Errors
    /// Fails if the process received a signal to stop.
    pub(super) fn wait_event(&mut self) -> Result<Option<Event>> {
        // A signal does not wake a thread that waits for a channel.
        match self.events.recv_timeout(POLL) {
            Ok(event) => Ok(Some(self.count(event))),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                self.runner.check_interrupted()?;
                Ok(None)
            }
        }
    }

    /// Returns the error for a session that ended too early, with its output if there is any.
    pub(super) fn lost(&self, ended: Option<&StreamOutput>) -> Error {
        // Ctrl-C ends the ssh processes too, which would look like a lost connection.
        match self.runner.check_interrupted() {
            Err(interrupted) => interrupted.into(),
            Ok(()) => Error::Lost {
                host: self.connection.name().to_owned(),
                sent: self.sent,
                reason: last_line(ended.map(|ended| ended.stderr.as_slice()).unwrap_or_default()),
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
