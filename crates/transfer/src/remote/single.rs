//! Receiving without a script: each step is a session that runs nothing but `docker load`.

use super::link::Link;
use super::receiver::{Received, Unpack, images_of};
use super::stream::{Event, Lane, Part};
use super::{Error, Result};

/// The sessions of steps.
#[derive(Debug)]
pub(super) struct Direct {
    link: Link,
    line: String,
    /// The session of the step that is being written.
    lane: Option<Lane>,
    /// How many steps were begun, and are loaded.
    begun: usize,
    loaded: usize,
    received: Received,
}

impl Direct {
    /// `docker` is how docker is called there.
    pub(super) fn new(link: Link, unpack: Unpack, docker: &str) -> Self {
        let line = match unpack {
            Unpack::ByDocker => format!("exec {docker} load"),
            Unpack::Zstd => format!("zstd -dcq | {docker} load"),
            Unpack::Gzip => format!("gzip -dcq | {docker} load"),
        };
        Direct { link, line, lane: None, begun: 0, loaded: 0, received: Received::default() }
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    pub(super) fn give(&mut self, part: Part, is_last: bool) -> Result<()> {
        if self.lane.is_none() {
            let session = self.link.connection.session(&self.line);
            self.lane = Some(self.link.start(self.begun, &session)?);
            self.begun += 1;
        }
        while is_last && self.loaded + 1 < self.begun
            || self.lane.as_ref().is_some_and(|lane| !lane.has_room())
        {
            self.wait()?;
        }
        if let Some(lane) = &mut self.lane {
            lane.give(part);
        }
        if is_last && let Some(mut lane) = self.lane.take() {
            lane.close();
        }
        while let Some(event) = self.link.look() {
            self.learn(event)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Received> {
        while self.loaded < self.begun {
            self.wait()?;
        }
        Ok(Received { sent: self.link.sent(), ..self.received })
    }

    fn wait(&mut self) -> Result<()> {
        self.link.wait()?.map_or(Ok(()), |event| self.learn(event))
    }

    fn learn(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Written { lane, .. } => {
                if let Some(writing) = self.lane.as_mut().filter(|_| lane + 1 == self.begun) {
                    writing.written();
                }
            }
            Event::Ended { lane, ended } => {
                let ended = ended?;
                // ssh's own status, or none: then a signal has ended it.
                if matches!(ended.status.code(), Some(255) | None) {
                    return Err(self.link.broken(&ended));
                }
                let said = [ended.stdout, ended.stderr].concat();
                let said = String::from_utf8_lossy(&said);
                let target = self.link.connection.name();
                self.received.images.extend(images_of(target, ended.status.success(), &said)?);
                if lane + 1 == self.begun && self.lane.is_some() {
                    return Err(Error::of_load(target, "it ended before its input did"));
                }
                self.loaded += 1;
            }
            Event::Begun { .. } | Event::Said { .. } | Event::Silent { .. } => {}
        }
        Ok(())
    }
}
