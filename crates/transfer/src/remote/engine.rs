//! The engine of a host, with an open connection.

use std::io::{self, BufReader, PipeReader, PipeWriter, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockerutils_command::{Runner, Streaming};
use dockerutils_oci::Digest;
use dockerutils_ssh::TemporarySocket;

use super::connection::Connection;
use super::error::{Error, Result};
use super::event_loop::EventLoop;
use super::finalize::Finalize;
use super::frame::Frame;
use super::host::Host;
use super::inspect::{Inspected, LONG_ROUND_TRIP, WantedImages, inspect};
use super::inventory::{Inventory, PresentImage, Store};
use super::manifests::{self, Manifest};
use super::patient::PatientReader;
use super::received::Unpacker;
use super::receiver::Receiver;
use super::scripts::{FINALIZE, MANIFESTS};
use super::single::SingleReceiver;
use super::stream_count::StreamCount;
use super::striped::{self, StripedReceiver};

/// How often a short round trip is measured again: a machine may have been busy for a moment.
const REPEATED_ECHOES: usize = 2;

/// The engine of a host. The connection is open as long as this value lives.
#[derive(Debug)]
pub struct RemoteEngine {
    /// The first session. A connection that this program opened ends with it.
    session: Option<Streaming>,
    input: PipeWriter,
    output: BufReader<PatientReader<PipeReader>>,
    inventory: Inventory,
    round_trip: Duration,
    /// Sessions that were opened before they are needed.
    finalizing: Option<Streaming>,
    receiving: Option<Streaming>,
    connection: Arc<Connection>,
    /// Removed last: the first session has ended then.
    _socket: Option<TemporarySocket>,
}

impl RemoteEngine {
    /// Connects to a host and inspects its engine: with one connection and one command. If all the wanted images exist,
    /// other images are not listed.
    ///
    /// # Errors
    /// Fails if ssh cannot connect, or docker cannot be used.
    pub fn connect(host: &Host, wanted: WantedImages<'_>, runner: &Runner) -> Result<Self> {
        let (connection, _socket) = Connection::new(host)?;
        let connection = Arc::new(connection);
        let inspected = inspect(&connection, wanted, runner)?;
        let Inspected { inventory, round_trip, session, input, output, finalizing, receiving } = inspected;
        Ok(RemoteEngine {
            session: Some(session),
            input,
            output,
            inventory,
            round_trip,
            finalizing,
            receiving,
            connection,
            _socket,
        })
    }

    /// Returns what the engine is and has.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Returns the shortest measured round trip.
    ///
    /// # Errors
    /// Fails if the connection is lost.
    pub fn round_trip(&mut self) -> Result<Duration> {
        for _ in 0..REPEATED_ECHOES {
            // Measuring a long one again would only cost time.
            if self.round_trip > LONG_ROUND_TRIP {
                break;
            }
            let echo = self.echo().map_err(|source| Error::Lost {
                host: self.connection.name().to_owned(),
                sent: 0,
                reason: source.to_string(),
            })?;
            self.round_trip = self.round_trip.min(echo);
        }
        Ok(self.round_trip)
    }

    fn echo(&mut self) -> io::Result<Duration> {
        let start = Instant::now();
        // inspect.sh ends as a cat: the byte comes back at once.
        self.input.write_all(b"\n")?;
        self.output.read_exact(&mut [0])?;
        Ok(start.elapsed())
    }

    /// Returns manifests of images in containerd's store: of those that have all layers of one of the `wanted` images, each
    /// given by its layers, and of some that have many of them.
    ///
    /// # Errors
    /// Fails if the connection is lost, or the process received a signal to stop.
    pub fn manifests(&self, wanted: &[Vec<Digest>], runner: &Runner) -> Result<Vec<Manifest>> {
        self.manifests_of(&manifests::worth_reading(&self.inventory, wanted), runner)
    }

    /// Returns the manifests of all images in containerd's store. That takes long: docker reads each image completely.
    ///
    /// # Errors
    /// As [`manifests`](Self::manifests).
    pub fn all_manifests(&self, runner: &Runner) -> Result<Vec<Manifest>> {
        self.manifests_of(&self.inventory.images.iter().collect::<Vec<_>>(), runner)
    }

    fn manifests_of(&self, images: &[&PresentImage], runner: &Runner) -> Result<Vec<Manifest>> {
        // The classic store identifies layers by the digests that inspect.sh has reported.
        if self.inventory.store == Store::Classic || images.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = images.iter().map(|image| image.id.to_string()).collect();
        let frames = self.run_script(MANIFESTS, &ids, runner)?;
        Ok(manifests::parse_all(&frames, images, &self.inventory.platform))
    }

    /// Starts to receive archives, over as many streams as the measured rate fills, at most `max_streams`.
    ///
    /// # Errors
    /// Fails if the connection is lost, or the process received a signal to stop.
    pub fn receive(&mut self, unpacker: Unpacker, max_streams: usize, runner: &Runner) -> Result<Receiver> {
        let event_loop = EventLoop::new(Arc::clone(&self.connection), runner);
        let docker = self.docker();
        // Over a short round trip one stream fills the line, and needs no script on the host.
        if max_streams > 1
            && self.inventory.tools.streams
            && let Some(script) = striped::start_script(&self.connection, self.receiving.take(), runner)?
        {
            let count = StreamCount::new(self.round_trip, max_streams);
            let receiver = StripedReceiver::new(event_loop, script, unpacker, count, docker);
            return Ok(Receiver::striped(receiver));
        }
        Ok(Receiver::single(SingleReceiver::new(event_loop, unpacker, docker)))
    }

    /// Opens the session that [`finalize`](Self::finalize) needs, if sshd allows another one: opening takes two round trips.
    pub fn prepare_finalize(&mut self, runner: &Runner) {
        self.finalizing = self.connection.prepare(FINALIZE, runner);
    }

    /// Verifies that the images and those that they are built on are complete, tags them, and removes obsolete images.
    /// Returns docker's message if those could not be removed.
    ///
    /// No image is tagged before all are verified.
    ///
    /// # Errors
    /// Fails if an image cannot be verified or tagged, or the connection is lost.
    pub fn finalize(&mut self, finalize: Finalize<'_>, runner: &Runner) -> Result<Option<String>> {
        let prepared = self.finalizing.take();
        finalize.run(&self.connection, self.docker(), prepared, runner)
    }

    fn run_script(&self, script: &str, arguments: &[String], runner: &Runner) -> Result<Vec<Frame>> {
        // The script calls docker as a function, so that sudo needs no other script.
        let docker = if self.inventory.sudo { "docker() { sudo -n docker \"$@\"; }\n" } else { "" };
        self.connection.run(&format!("{docker}{script}"), arguments, runner)
    }

    /// Returns the command for docker on the host.
    fn docker(&self) -> &'static str {
        if self.inventory.sudo { "sudo -n docker" } else { "docker" }
    }
}

impl Drop for RemoteEngine {
    fn drop(&mut self) {
        // ssh removes its socket, and closes the connection, if it is not killed.
        if let Some(session) = self.session.take() {
            session.terminate();
        }
    }
}
