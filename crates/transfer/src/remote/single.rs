//! Receiving over one stream, without a script: every archive has a session that runs nothing but `docker load`.

use std::time::Instant;

use dockerutils_ssh::is_ssh_failure;

use super::archives::Archives;
use super::error::{Error, Result};
use super::event_loop::EventLoop;
use super::received::{Received, Unpacker, loaded_images};
use super::stream::{Chunk, Event, Stream};

/// Sends archives one after the other.
#[derive(Debug)]
pub(super) struct SingleReceiver {
    event_loop: EventLoop,
    command_line: String,
    /// The session of the archive that is being sent.
    stream: Option<Stream>,
    archives: Archives,
    received: Received,
}

impl SingleReceiver {
    /// Creates a receiver; `docker` is the command for docker on the host.
    pub(super) fn new(event_loop: EventLoop, unpacker: Unpacker, docker: &str) -> Self {
        let command_line = match unpacker {
            Unpacker::Docker => format!("exec {docker} load"),
            Unpacker::Zstd => format!("zstd -dcq | {docker} load"),
            Unpacker::Gzip => format!("gzip -dcq | {docker} load"),
        };
        let (archives, received) = (Archives::default(), Received::default());
        SingleReceiver { event_loop, command_line, stream: None, archives, received }
    }

    pub(super) fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    /// Sends the next chunk of the current archive.
    pub(super) fn send(&mut self, chunk: Chunk, is_last: bool) -> Result<()> {
        if !self.archives.is_sending() {
            let session = self.event_loop.connection.session(&self.command_line);
            self.stream = Some(self.event_loop.start(self.archives.start(), &session)?);
        }
        while !self.archives.accepts(is_last) {
            self.wait_event()?;
        }
        self.received.sent += chunk.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
        self.archives.on_send(is_last);
        if let Some(stream) = &mut self.stream {
            stream.send(chunk);
        }
        if is_last && let Some(mut stream) = self.stream.take() {
            stream.close();
        }
        // A failure is noticed with the next chunk, and not only at the end.
        while let Some(event) = self.event_loop.poll_event() {
            self.on_event(event)?;
        }
        Ok(())
    }

    /// Waits until all archives are loaded.
    pub(super) fn finish(mut self) -> Result<Received> {
        while !self.archives.is_finished() {
            self.wait_event()?;
        }
        // Docker has read everything, even if not all events have arrived.
        Ok(self.received)
    }

    fn wait_event(&mut self) -> Result<()> {
        if let Some(event) = self.event_loop.wait_event()? {
            self.on_event(event)?;
        }
        if self.archives.has_failed(Instant::now()) { Err(self.event_loop.lost(None)) } else { Ok(()) }
    }

    fn on_event(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Written { stream, .. } => self.archives.on_written(stream),
            Event::Broken { .. } => self.archives.on_broken(Instant::now()),
            Event::Exited { stream, ended } => {
                let ended = ended?;
                // A signal ends ssh, and so the connection, too.
                if ended.status.code().is_none_or(|code| is_ssh_failure(Some(code))) {
                    return Err(self.event_loop.lost(Some(&ended)));
                }
                // docker load prints IDs on standard output, and some of its errors too.
                let output = [ended.stdout, ended.stderr].concat();
                let output = String::from_utf8_lossy(&output);
                let host = self.event_loop.connection.name();
                self.received.images.extend(loaded_images(host, ended.status.success(), &output)?);
                if !self.archives.on_loaded(stream) {
                    return Err(Error::of_load(host, "it ended before its input did"));
                }
            }
            Event::Started { .. } | Event::Frame { .. } | Event::OutputClosed { .. } => {}
        }
        Ok(())
    }
}
