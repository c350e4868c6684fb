//! Receiving over several lanes: parts of steps are dealt out to sessions of one connection, and `receive.sh` puts them
//! together.
//!
//! A session takes 2 MiB a round trip, whatever the line could; several take as often as many. Each part says where the
//! next one comes, so that lanes join when they are open, and those that sshd refuses are never waited for.

use std::time::Instant;

use dockerutils_command::{Ended, Pipes, Runner, Streaming};

use super::connection::{Begun, Connection, script};
use super::frame::Frame;
use super::link::Link;
use super::receiver::{Received, Unpack, images_of};
use super::stream::{Event, Lane, Part};
use super::stream_count::Width;
use super::{Error, RECEIVE, Result};

/// As many as `receive.sh` has descriptors for.
const MOST_LANES: usize = 8;

/// How `receive.sh` ends where it cannot make its fifos.
const NO_ROOM: i32 = 3;

#[derive(Debug)]
pub(super) struct Dealt {
    link: Link,
    width: Width,
    /// Where the script waits for further lanes.
    folder: String,
    /// The lanes that were asked for; the first one is the script's input. Those that have ended are none.
    lanes: Vec<Option<Lane>>,
    /// The lanes that take part, and whose turn it is.
    open: Vec<usize>,
    turn: usize,
    /// How many steps were sent whole, and are loaded.
    steps: usize,
    loaded: usize,
    received: Received,
    /// How the script ended, and whether all that it said has been heard.
    ended: Option<Ended>,
    is_silent: bool,
}

/// The session that was prepared, or another one where that is none, once it has begun; none where the script has no
/// room for its fifos there.
pub(super) fn begin(
    connection: &Connection,
    prepared: Option<Streaming>,
    runner: &Runner,
) -> Result<Option<Begun>> {
    if let Some(session) = prepared
        && let Ok(begun) = connection.begun(session, runner)?
    {
        return Ok(Some(begun));
    }
    let session = runner.start(&connection.session(&script(RECEIVE, &[])?), Pipes::Both)?;
    match connection.begun(session, runner)? {
        Ok(begun) => Ok(Some(begun)),
        Err(ended) if ended.status.code() == Some(NO_ROOM) => Ok(None),
        Err(ended) => Err(Error::of_ssh(connection.name(), &ended)),
    }
}

impl Dealt {
    /// Deals out to the session of `receive.sh`, which is called `first`, and to others.
    pub(super) fn new(link: Link, first: Begun, unpack: Unpack, width: Width, docker: &str) -> Self {
        let unpack = match unpack {
            Unpack::ByDocker => "docker",
            Unpack::Zstd => "zstd",
            Unpack::Gzip => "gzip",
        };
        let mut first = link.answering(0, first);
        first.give(vec![format!("{unpack} {docker}\n").into_bytes()]);
        Dealt {
            link,
            width,
            folder: String::new(),
            lanes: vec![Some(first)],
            open: vec![0],
            turn: 0,
            steps: 0,
            loaded: 0,
            received: Received::default(),
            ended: None,
            is_silent: false,
        }
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    pub(super) fn lanes(&self) -> usize {
        self.open.len()
    }

    pub(super) fn give(&mut self, part: Part, is_last: bool) -> Result<()> {
        while let Some(event) = self.link.look() {
            self.learn(event)?;
        }
        let lane = self.open[self.turn];
        self.turn = (self.turn + 1) % self.open.len();
        let size: usize = part.iter().map(Vec::len).sum();
        let kind = if is_last { "last" } else { "more" };
        let line = format!("{kind} {size} {}\n", self.open[self.turn]).into_bytes();
        self.steps += usize::from(is_last);
        self.put(lane, [line].into_iter().chain(part).collect())
    }

    pub(super) fn finish(mut self) -> Result<Received> {
        self.put(self.open[self.turn], vec![b"end\n".to_vec()])?;
        for lane in self.lanes.iter_mut().flatten() {
            lane.close();
        }
        while self.ended.is_none() || !self.is_silent {
            self.wait()?;
        }
        Ok(Received { sent: self.link.sent(), ..self.received })
    }

    fn put(&mut self, lane: usize, part: Part) -> Result<()> {
        loop {
            match &mut self.lanes[lane] {
                Some(lane) if lane.has_room() => {
                    lane.give(part);
                    return Ok(());
                }
                _ => self.wait()?,
            }
        }
    }

    fn wait(&mut self) -> Result<()> {
        self.link.wait()?.map_or(Ok(()), |event| self.learn(event))
    }

    fn learn(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Written { lane, .. } => {
                if let Some(lane) = &mut self.lanes[lane] {
                    lane.written();
                }
                self.widen()?;
            }
            Event::Begun { lane } if lane > 0 => self.open.push(lane),
            Event::Said { lane: 0, frame } => self.hear(&frame)?,
            Event::Silent { lane: 0 } => self.is_silent = true,
            Event::Ended { lane: 0, ended } => self.ended = Some(ended?),
            // Where it took part, the script misses it and ends.
            Event::Ended { lane, .. } => self.lanes[lane] = None,
            Event::Begun { .. } | Event::Said { .. } | Event::Silent { .. } => {}
        }
        // It may end when all is loaded, and not before.
        match &self.ended {
            Some(ended) if self.is_silent && !(ended.status.success() && self.loaded == self.steps) => {
                Err(self.link.broken(ended))
            }
            _ => Ok(()),
        }
    }

    /// Opens more lanes where those that were asked for are all open and run full.
    fn widen(&mut self) -> Result<()> {
        let alive = self.lanes.iter().flatten().count();
        if self.folder.is_empty() || alive > self.open.len() {
            return Ok(());
        }
        let wanted = self.width.wanted(self.open.len(), self.link.sent(), Instant::now());
        // One that was refused is not asked for again.
        let refused = self.lanes.len() - alive;
        if refused == 0 && wanted > alive { self.open_lanes(wanted) } else { Ok(()) }
    }

    /// Asks for so many lanes in all.
    fn open_lanes(&mut self, count: usize) -> Result<()> {
        for lane in self.lanes.len()..count.min(MOST_LANES) {
            let session = self.link.connection.lane(&self.folder, lane)?;
            self.lanes.push(Some(self.link.start_lane(lane, &session)?));
        }
        Ok(())
    }

    fn hear(&mut self, frame: &Frame) -> Result<()> {
        match frame.name.as_str() {
            "lanes" => {
                self.folder.clone_from(&frame.text);
                self.open_lanes(self.width.first())?;
            }
            "loaded" => {
                let images = images_of(self.link.connection.name(), frame.status == 0, &frame.text)?;
                self.received.images.extend(images);
                self.loaded += 1;
            }
            // Whatever else it may be, the script's end tells whether all is well.
            _ => {}
        }
        Ok(())
    }
}
