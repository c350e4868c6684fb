//! Receiving over one stream, without a script: every archive has a session that runs nothing but `docker load`.

use dockerutils_ssh::is_ssh_failure;

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
    /// How many archives were started, and how many of them are loaded.
    started: usize,
    loaded: usize,
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
        SingleReceiver {
            event_loop,
            command_line,
            stream: None,
            started: 0,
            loaded: 0,
            received: Received::default(),
        }
    }

    pub(super) fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    /// Sends the next chunk of the current archive.
    pub(super) fn send(&mut self, chunk: Chunk, is_last: bool) -> Result<()> {
        if self.stream.is_none() {
            let session = self.event_loop.connection.session(&self.command_line);
            self.stream = Some(self.event_loop.start(self.started, &session)?);
            self.started += 1;
        }
        // Docker accepts an archive only after the one whose layers it builds on.
        while is_last && self.loaded + 1 < self.started
            || self.stream.as_ref().is_some_and(|stream| !stream.has_room())
        {
            self.wait_event()?;
        }
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
        while self.loaded < self.started {
            self.wait_event()?;
        }
        Ok(Received { sent: self.event_loop.sent(), ..self.received })
    }

    fn wait_event(&mut self) -> Result<()> {
        self.event_loop.wait_event()?.map_or(Ok(()), |event| self.on_event(event))
    }

    fn on_event(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Written { stream, .. } => {
                if let Some(current) = self.stream.as_mut().filter(|_| stream + 1 == self.started) {
                    current.on_written();
                }
            }
            Event::Exited { stream, ended } => {
                let ended = ended?;
                // A signal ends ssh, and so the connection, too.
                if ended.status.code().is_none_or(|code| is_ssh_failure(Some(code))) {
                    return Err(self.event_loop.diagnose(&ended));
                }
                // docker load prints IDs on standard output, and some of its errors too.
                let output = [ended.stdout, ended.stderr].concat();
                let output = String::from_utf8_lossy(&output);
                let host = self.event_loop.connection.name();
                self.received.images.extend(loaded_images(host, ended.status.success(), &output)?);
                if stream + 1 == self.started && self.stream.is_some() {
                    return Err(Error::of_load(host, "it ended before its input did"));
                }
                self.loaded += 1;
            }
            Event::Started { .. } | Event::Frame { .. } | Event::OutputClosed { .. } => {}
        }
        Ok(())
    }
}
