//! The engine that images are sent to, over one ssh connection, with nothing there but docker and a POSIX shell.

mod connection;
mod dealt;
mod direct;
mod error;
mod frame;
mod inventory;
mod lane;
mod link;
mod manifests;
mod receiver;
mod socket;

use std::io::{self, BufReader, PipeReader, PipeWriter, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockerutils_command::{Pipes, Runner, Streaming};

pub use self::connection::Remote;
use self::connection::{Connection, script};
pub use self::error::Error;
use self::frame::Frame;
pub use self::inventory::{Inventory, Present, Store, Tools};
use self::link::Link;
pub use self::manifests::Manifest;
pub use self::receiver::{Received, Receiver, Unpack};
use crate::Digest;

/// The result of what may go wrong with a target.
pub type Result<T> = std::result::Result<T, Error>;

const SURVEY: &str = include_str!("target/survey.sh");
const MANIFESTS: &str = include_str!("target/manifests.sh");
const CONCLUDE: &str = include_str!("target/conclude.sh");

const RECEIVE: &str = include_str!("target/receive.sh");

#[cfg(test)]
const SCRIPTS: [&str; 4] = [SURVEY, MANIFESTS, CONCLUDE, RECEIVE];

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
    connection: Arc<Connection>,
}

impl Target {
    /// Connects, and learns what is there: by one connection and one command on it.
    ///
    /// Each of the `wanted` images stands there for all the IDs that it may have. When all of them are there, nothing is
    /// told of other images.
    ///
    /// # Errors
    /// ssh or docker there refuses.
    pub fn connect(remote: Remote, wanted: &[Vec<Digest>], runner: &Runner) -> Result<Self> {
        Target::through(Connection::new(remote)?, wanted, runner)
    }

    /// The engine that docker speaks to on this machine, as a target; see [`connect`](Self::connect).
    ///
    /// # Errors
    /// Docker refuses.
    pub fn here(wanted: &[Vec<Digest>], runner: &Runner) -> Result<Self> {
        Target::through(Connection::Here, wanted, runner)
    }

    fn through(connection: Connection, wanted: &[Vec<Digest>], runner: &Runner) -> Result<Self> {
        let ids = wanted.iter().flatten().map(Digest::to_string);
        let words: Vec<String> = [wanted.len().to_string()].into_iter().chain(ids).collect();
        let mut session = runner.start(&connection.open(&script(SURVEY, &words)?), Pipes::Both)?;
        let (Some(input), Some(output)) = (session.take_input(), session.take_output()) else {
            return Err(garbled(connection.name(), io::ErrorKind::BrokenPipe.into()));
        };
        let mut answers = BufReader::new(output);
        let frames = survey(&mut answers);
        runner.check()?;
        let frames = match frames {
            Ok(frames) if !frames.is_empty() => frames,
            // It may be the end of the connection, and it may be nonsense.
            failed => {
                drop((input, answers));
                let ended = session.wait()?;
                runner.check()?;
                return Err(match failed {
                    Err(source) if source.kind() == io::ErrorKind::InvalidData => {
                        garbled(connection.name(), source)
                    }
                    _ => Error::of_ssh(connection.name(), &ended),
                });
            }
        };
        let inventory = Inventory::read(connection.name(), &frames)?;
        Ok(Target { session, input, answers, inventory, connection: Arc::new(connection) })
    }

    /// What it is and has.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Whether the connection is there, as far as ssh knows.
    pub fn is_connected(&self) -> bool {
        !self.session.has_ended()
    }

    /// How long a byte takes there and back.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn round_trip(&mut self) -> Result<Duration> {
        let start = Instant::now();
        let echo = self.input.write_all(b"\n").and_then(|()| self.answers.read_exact(&mut [0]));
        echo.map_err(|source| Error::Lost {
            target: self.connection.name().to_owned(),
            sent: 0,
            words: source.to_string(),
        })?;
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

    /// Begins to receive, over at most so many lanes side by side.
    ///
    /// # Errors
    /// The connection is lost, or we were told to stop.
    pub fn receive(&self, unpack: Unpack, lanes: usize, runner: &Runner) -> Result<Receiver> {
        let link = Link::new(Arc::clone(&self.connection), runner);
        if lanes > 1 && self.inventory.tools.lanes {
            Receiver::dealt(link, unpack, lanes, self.through_sudo())
        } else {
            Ok(Receiver::direct(link, unpack, self.inventory.sudo))
        }
    }

    /// Proves that the `images` are there whole, and the images that they stand on; gives them their names; removes the
    /// images with a label of `served`, such as `LABEL=VALUE`. Answers with what docker says of those that it keeps.
    ///
    /// Nothing is named before everything is proved.
    ///
    /// # Errors
    /// A proof or a name failed, or the connection is lost.
    pub fn conclude(
        &self,
        images: &[Expected],
        bases: &[Digest],
        served: &[String],
        runner: &Runner,
    ) -> Result<Option<String>> {
        let mut words = Vec::new();
        for base in bases {
            words.extend(["base".to_owned(), base.to_string()]);
        }
        for image in images {
            let layers: String = image.layers.iter().map(|layer| format!("{layer} ")).collect();
            words.extend(["image".to_owned(), image.id.to_string(), layers]);
        }
        for (image, reference) in
            images.iter().flat_map(|image| image.references.iter().map(move |name| (image, name)))
        {
            words.extend(["tag".to_owned(), image.id.to_string(), reference.clone()]);
        }
        for label in served {
            words.extend(["served".to_owned(), label.clone()]);
        }
        let frames = self.ask(CONCLUDE, &words, runner)?;
        let target = || self.connection.name().to_owned();
        let mut kept = None;
        for frame in &frames {
            match frame.name.as_str() {
                "end" => return Ok(kept),
                "remove" => kept = Some(frame.text.clone()),
                "tag" => {
                    return Err(Error::NotNamed {
                        target: target(),
                        words: error::last_words(frame.text.as_bytes()),
                    });
                }
                "bad" => {
                    let image = frame.text.parse().map_err(|_| self.nonsense("a proof of something else"))?;
                    return Err(Error::NotProved { target: target(), image });
                }
                _ => return Err(self.nonsense("something else")),
            }
        }
        Err(self.nonsense("it did not come to an end"))
    }

    fn ask(&self, text: &str, words: &[String], runner: &Runner) -> Result<Vec<Frame>> {
        self.connection.ask(&script(&format!("{}{text}", self.through_sudo()), words)?, runner)
    }

    /// What scripts begin with, so that docker is for them what it is for us.
    fn through_sudo(&self) -> &'static str {
        if self.inventory.sudo { "docker() { sudo -n docker \"$@\"; }\n" } else { "" }
    }

    fn nonsense(&self, what: &str) -> Error {
        garbled(self.connection.name(), io::Error::new(io::ErrorKind::InvalidData, what))
    }
}

fn garbled(target: &str, source: io::Error) -> Error {
    Error::Garbled { target: target.to_owned(), source }
}

/// The frames of a survey; none where there is no answer.
fn survey(answers: &mut BufReader<PipeReader>) -> io::Result<Vec<Frame>> {
    let mut frames = Vec::new();
    if frame::begin(answers)? {
        while let Some(frame) = frame::next(answers)? {
            if frame.name == "end" {
                break;
            }
            frames.push(frame);
        }
    }
    Ok(frames)
}
