//! The engine that images are sent to, over one ssh connection, with nothing there but docker and a POSIX shell.

mod connection;
mod error;
mod finalize;
mod frame;
mod inspect;
mod inventory;
mod link;
mod manifests;
mod receiver;
mod single;
mod socket;
mod stream;
mod stream_count;
mod striped;

use std::io::{self, BufReader, PipeReader, PipeWriter, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockerutils_command::{Runner, Streaming};

pub use self::connection::Remote;
use self::connection::{Connection, script};
pub use self::error::Error;
use self::finalize::Conclusion;
use self::frame::Frame;
use self::inspect::LONG_WAY;
pub use self::inspect::Wanted;
pub use self::inventory::{Inventory, Present, Store, Tools};
use self::link::Link;
pub use self::manifests::Manifest;
pub use self::receiver::{Received, Receiver, Unpack};
use self::single::Direct;
use self::stream_count::Width;
use self::striped::Dealt;
use dockerutils_oci::Digest;

/// The result of what may go wrong with a target.
pub type Result<T> = std::result::Result<T, Error>;

const SURVEY: &str = include_str!("remote/inspect.sh");
const MANIFESTS: &str = include_str!("remote/manifests.sh");
const CONCLUDE: &str = include_str!("remote/finalize.sh");

const RECEIVE: &str = include_str!("remote/receive.sh");

#[cfg(test)]
const SCRIPTS: [&str; 4] = [SURVEY, MANIFESTS, CONCLUDE, RECEIVE];

/// How many more echoes are timed where the way is short: a machine may be busy for a moment.
const ECHOES: usize = 2;

/// An image as it should be on a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its ID there: the digest of its configuration with the classic store, that of its manifest with containerd's.
    pub id: Digest,
    /// Its layers, the lowest first.
    pub layers: Vec<Digest>,
    /// What it is to be called.
    pub references: Vec<String>,
}

/// A target: the connection to it is open as long as this value lives.
#[derive(Debug)]
pub struct Target {
    /// The first session, which lasts as long as its input is open.
    session: Streaming,
    input: PipeWriter,
    answers: BufReader<PipeReader>,
    inventory: Inventory,
    round_trip: Duration,
    /// Sessions that were opened before they are needed.
    conclusion: Option<Streaming>,
    receiving: Option<Streaming>,
    connection: Arc<Connection>,
}

impl Target {
    /// Connects, and learns what is there: by one connection and one command on it. When all that is wanted is there,
    /// nothing is told of other images.
    ///
    /// # Errors
    /// ssh or docker there refuses.
    pub fn connect(remote: Remote, wanted: Wanted<'_>, runner: &Runner) -> Result<Self> {
        Target::through(Connection::new(remote)?, wanted, runner)
    }

    /// The engine that docker speaks to on this machine, as a target; see [`connect`](Self::connect).
    ///
    /// # Errors
    /// Docker refuses.
    pub fn here(wanted: Wanted<'_>, runner: &Runner) -> Result<Self> {
        Target::through(Connection::Here, wanted, runner)
    }

    /// What it is and has.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Whether the connection is there, as far as ssh knows.
    pub fn is_connected(&self) -> bool {
        !self.session.has_ended()
    }

    /// How long a byte takes there and back, at best.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn round_trip(&mut self) -> Result<Duration> {
        for _ in 0..ECHOES {
            if self.round_trip > LONG_WAY {
                break;
            }
            let echo = self.echo().map_err(|source| Error::Lost {
                target: self.connection.name().to_owned(),
                sent: 0,
                words: source.to_string(),
            })?;
            self.round_trip = self.round_trip.min(echo);
        }
        Ok(self.round_trip)
    }

    fn echo(&mut self) -> io::Result<Duration> {
        let start = Instant::now();
        self.input.write_all(b"\n")?;
        self.answers.read_exact(&mut [0])?;
        Ok(start.elapsed())
    }

    /// Manifests of images of containerd's store there: of all that have the layers of one of the `wanted` images, each
    /// given by its layers, and of some that have many of them.
    ///
    /// # Errors
    /// The connection is lost, or we were told to stop.
    pub fn manifests(&self, wanted: &[Vec<Digest>], runner: &Runner) -> Result<Vec<Manifest>> {
        self.manifests_of(&manifests::worth_reading(&self.inventory, wanted), runner)
    }

    /// Manifests of all images of containerd's store there. Docker reads each image to tell its manifest.
    ///
    /// # Errors
    /// As [`manifests`](Self::manifests).
    pub fn all_manifests(&self, runner: &Runner) -> Result<Vec<Manifest>> {
        self.manifests_of(&self.inventory.images.iter().collect::<Vec<_>>(), runner)
    }

    fn manifests_of(&self, images: &[&Present], runner: &Runner) -> Result<Vec<Manifest>> {
        if self.inventory.store == Store::Classic || images.is_empty() {
            return Ok(Vec::new());
        }
        let words: Vec<String> = images.iter().map(|image| image.id.to_string()).collect();
        let frames = self.ask(MANIFESTS, &words, runner)?;
        Ok(manifests::read(&frames, images, &self.inventory.platform))
    }

    /// Begins to receive, over at most so many lanes side by side: as many as the measured rate fills.
    ///
    /// # Errors
    /// The connection is lost, or we were told to stop.
    pub fn receive(&mut self, unpack: Unpack, lanes: usize, runner: &Runner) -> Result<Receiver> {
        let link = Link::new(Arc::clone(&self.connection), runner);
        let docker = self.docker();
        if lanes > 1
            && self.inventory.tools.lanes
            && let Some(first) = striped::begin(&self.connection, self.receiving.take(), runner)?
        {
            let width = Width::new(self.round_trip, lanes);
            return Ok(Receiver::dealt(Dealt::new(link, first, unpack, width, docker)));
        }
        Ok(Receiver::direct(Direct::new(link, unpack, docker)))
    }

    /// Opens, where that is allowed, the session that [`conclude`](Self::conclude) needs: it takes two round trips.
    pub fn prepare_conclusion(&mut self, runner: &Runner) {
        self.conclusion = self.connection.prepare(CONCLUDE, runner);
    }

    /// Proves that the `images` are there whole, and the images that they stand on; gives them their names; removes the
    /// images with a label of `served`, such as `LABEL=VALUE`. Answers with what docker says of those that it keeps.
    ///
    /// Nothing is named before everything is proved.
    ///
    /// # Errors
    /// A proof or a name failed, or the connection is lost.
    pub fn conclude(
        &mut self,
        images: &[Expected],
        bases: &[Digest],
        served: &[String],
        runner: &Runner,
    ) -> Result<Option<String>> {
        let prepared = self.conclusion.take();
        let conclusion = Conclusion { docker: self.docker(), images, bases, served };
        conclusion.draw(&self.connection, prepared, runner)
    }

    fn ask(&self, text: &str, words: &[String], runner: &Runner) -> Result<Vec<Frame>> {
        // Docker is for the script what it is for us.
        let docker = if self.inventory.sudo { "docker() { sudo -n docker \"$@\"; }\n" } else { "" };
        self.connection.ask(&script(&format!("{docker}{text}"), words)?, runner)
    }

    /// How docker is called there.
    fn docker(&self) -> &'static str {
        if self.inventory.sudo { "sudo -n docker" } else { "docker" }
    }
}

fn garbled(target: &str, source: io::Error) -> Error {
    Error::Garbled { target: target.to_owned(), source }
}
