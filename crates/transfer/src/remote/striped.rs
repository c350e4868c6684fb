//! Receiving over several streams: the chunks of archives are dealt out to sessions of one connection, and `receive.sh`
//! joins them on the host.
//!
//! ssh keeps 2 MiB of a session in flight, however fast the line is; several sessions have several times that. Every
//! chunk names the stream of the next one. So a stream joins when it is open, and one that sshd refuses is not waited for.

use std::time::Instant;

use dockerutils_command::{Runner, StreamOutput, Streaming};

use super::connection::{Connection, Script, Start};
use super::error::{Error, Result};
use super::event_loop::EventLoop;
use super::frame::Frame;
use super::received::{Received, Unpacker, loaded_images};
use super::scripts::RECEIVE;
use super::stream::{Chunk, Event, Stream};
use super::stream_count::StreamCount;
use super::stripes::{Change, Stripes, Verdict};

/// The number of streams that `receive.sh` has file descriptors for.
const MAX_STREAMS: usize = 8;

/// The exit status of `receive.sh` if it cannot create its fifos.
const NO_FIFOS: i32 = 3;

/// Sends archives over several streams.
#[derive(Debug)]
pub(super) struct StripedReceiver {
    event_loop: EventLoop,
    stream_count: StreamCount,
    /// The folder of the script's fifos; empty until the script reports it.
    folder: String,
    /// All streams that were requested, by number; the first is the input of the script. `None` for one that has ended.
    streams: Vec<Option<Stream>>,
    stripes: Stripes,
    received: Received,
    /// How the script ended.
    ended: Option<StreamOutput>,
}

/// Starts `receive.sh`, in the prepared session if there is one; `None` if it cannot create its fifos on the host.
pub(super) fn start_script(
    connection: &Connection,
    prepared: Option<Streaming>,
    runner: &Runner,
) -> Result<Option<Script>> {
    if let Some(session) = prepared
        && let Start::Running(script) = connection.wait_for_start(session, runner)?
    {
        return Ok(Some(*script));
    }
    let session = connection.start(RECEIVE, &[], runner)?;
    match connection.wait_for_start(session, runner)? {
        Start::Running(script) => Ok(Some(*script)),
        Start::Exited(ended) if ended.status.code() == Some(NO_FIFOS) => Ok(None),
        Start::Exited(ended) => Err(Error::of_ssh(connection.name(), &ended)),
    }
}

impl StripedReceiver {
    /// Creates a receiver that sends to the running `receive.sh` and opens further streams.
    pub(super) fn new(
        event_loop: EventLoop,
        script: Script,
        unpacker: Unpacker,
        stream_count: StreamCount,
        docker: &str,
    ) -> Self {
        let unpacker = match unpacker {
            Unpacker::Docker => "docker",
            Unpacker::Zstd => "zstd",
            Unpacker::Gzip => "gzip",
        };
        let mut first = event_loop.adopt(0, script);
        first.send(vec![format!("{unpacker} {docker}\n").into_bytes()]);
        let mut stripes = Stripes::new();
        stripes.on_send(0);
        StripedReceiver {
            event_loop,
            stream_count,
            folder: String::new(),
            streams: vec![Some(first)],
            stripes,
            received: Received::default(),
            ended: None,
        }
    }

    pub(super) fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    pub(super) fn open_streams(&self) -> usize {
        self.stripes.counts().2
    }

    /// Sends the next chunk of the current archive.
    pub(super) fn send(&mut self, chunk: Chunk, is_last: bool) -> Result<()> {
        // Streams that have opened meanwhile take part from this chunk on.
        while let Some(event) = self.event_loop.poll_event() {
            self.on_event(event)?;
        }
        let stream = self.stripes.current();
        let size: usize = chunk.iter().map(Vec::len).sum();
        let kind = if is_last { "last" } else { "more" };
        let line = format!("{kind} {size} {}\n", self.stripes.advance()).into_bytes();
        if is_last {
            self.stripes.on_archive();
        }
        self.send_to(stream, [line].into_iter().chain(chunk).collect())
    }

    /// Waits until all archives are loaded.
    pub(super) fn finish(mut self) -> Result<Received> {
        self.send_to(self.stripes.current(), vec![b"end\n".to_vec()])?;
        for stream in self.streams.iter_mut().flatten() {
            stream.close();
        }
        self.stripes.close();
        while self.proceed(self.stripes.is_finished(Instant::now()))? {}
        // The script has read everything, even if not all events have arrived.
        Ok(self.received)
    }

    fn send_to(&mut self, number: usize, chunk: Chunk) -> Result<()> {
        while self.proceed(self.stripes.can_send(number, Instant::now()))? {}
        self.received.sent += chunk.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
        self.stripes.on_send(number);
        if let Some(stream) = &mut self.streams[number] {
            stream.send(chunk);
        }
        Ok(())
    }

    /// Waits for an event if the verdict requires that. Returns whether it has waited.
    fn proceed(&mut self, verdict: Verdict) -> Result<bool> {
        match verdict {
            Verdict::Ready => Ok(false),
            Verdict::Failed => Err(self.event_loop.lost(self.ended.as_ref())),
            Verdict::Wait => {
                if let Some(event) = self.event_loop.wait_event()? {
                    self.on_event(event)?;
                }
                Ok(true)
            }
        }
    }

    fn on_event(&mut self, event: Event) -> Result<()> {
        let now = Instant::now();
        match event {
            Event::Written { stream, .. } => {
                self.stripes.on_change(Change::Written(stream), now);
                self.open_more_streams()?;
            }
            Event::Broken { stream } => self.stripes.on_change(Change::Broken(stream), now),
            Event::Started { stream } => self.stripes.on_change(Change::Started(stream), now),
            Event::Frame { stream: 0, frame } => self.on_frame(&frame)?,
            Event::OutputClosed { stream: 0 } => self.stripes.on_change(Change::OutputClosed, now),
            Event::Exited { stream, ended } => {
                let ended = ended?;
                self.stripes.on_change(Change::Exited { stream, success: ended.status.success() }, now);
                self.streams[stream] = None;
                // The script knows the reason better than the other streams.
                if stream == 0 {
                    self.ended = Some(ended);
                }
            }
            Event::Frame { .. } | Event::OutputClosed { .. } => {}
        }
        if self.stripes.has_failed(now) { Err(self.event_loop.lost(self.ended.as_ref())) } else { Ok(()) }
    }

    /// Opens more streams if all that were requested are open and run full.
    fn open_more_streams(&mut self) -> Result<()> {
        let (requested, alive, open) = self.stripes.counts();
        if self.folder.is_empty() || alive > open {
            return Ok(());
        }
        let wanted = self.stream_count.wanted(open, self.event_loop.sent(), Instant::now());
        // sshd has reached MaxSessions if it refused one: it would refuse others too.
        let refused = requested - alive;
        if refused == 0 && wanted > alive { self.open_streams_up_to(wanted) } else { Ok(()) }
    }

    fn open_streams_up_to(&mut self, count: usize) -> Result<()> {
        for number in self.streams.len()..count.min(MAX_STREAMS) {
            let session = self.event_loop.connection.relay(&self.folder, number)?;
            self.streams.push(Some(self.event_loop.start_one_of_several(number, &session)?));
            self.stripes.request_stream();
        }
        Ok(())
    }

    fn on_frame(&mut self, frame: &Frame) -> Result<()> {
        match frame.name.as_str() {
            "streams" => {
                self.folder.clone_from(&frame.text);
                self.open_streams_up_to(self.stream_count.first())?;
            }
            "loaded" => {
                let host = self.event_loop.connection.name();
                self.received.images.extend(loaded_images(host, frame.status == 0, &frame.text)?);
                self.stripes.on_change(Change::Loaded, Instant::now());
            }
            // A frame of any other name changes nothing: the exit status of the script reports success.
            _ => {}
        }
        Ok(())
    }
}
