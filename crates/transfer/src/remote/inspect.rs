//! Inspecting the engine of a host with `inspect.sh`, in the first session of a connection.

use std::io::{self, BufReader, PipeReader, PipeWriter, Write};
use std::time::{Duration, Instant};

use dockerutils_command::{Runner, Streaming};
use dockerutils_oci::Digest;

use super::connection::Connection;
use super::error::{Error, Result};
use super::frame::{self, Frame};
use super::inventory::{self, Inventory, Store};
use super::patient::PatientReader;
use super::scripts::{FINALIZE, INSPECT, RECEIVE};

/// A round trip that is longer than this is due to the network, and not to a machine that was busy for a moment.
pub(super) const LONG_ROUND_TRIP: Duration = Duration::from_millis(20);

/// How long docker on the host may take for one step of the inspection. It takes seconds even with thousands of
/// images; without a limit, an engine that hangs would block the transfer for ever.
const SILENCE: Duration = Duration::from_secs(60);

/// The images that a host should have.
#[derive(Clone, Copy, Default)]
pub struct WantedImages<'a> {
    /// All IDs that each image may have on the host.
    pub ids: &'a [Vec<Digest>],
    /// Called as soon as an image is known to be missing; `None` if missing images will not be sent.
    pub on_missing: Option<&'a (dyn Fn() + Sync)>,
}

/// An inspected engine, and its sessions: the first one, and those that were prepared for the next steps.
#[derive(Debug)]
pub(super) struct Inspected {
    pub(super) inventory: Inventory,
    pub(super) round_trip: Duration,
    /// The first session. It copies its input to its output. A connection that this program opened ends with it.
    pub(super) session: Streaming,
    pub(super) input: PipeWriter,
    pub(super) output: BufReader<PatientReader<PipeReader>>,
    pub(super) finalizing: Option<Streaming>,
    pub(super) receiving: Option<Streaming>,
}

/// Opens the connection and inspects the engine, with one command.
///
/// # Errors
/// Fails if ssh cannot connect, or docker cannot be used.
pub(super) fn inspect(
    connection: &Connection,
    wanted: WantedImages<'_>,
    runner: &Runner,
) -> Result<Inspected> {
    // The script counts the images that it finds: one image may be found by any of its IDs.
    let ids = wanted.ids.iter().flatten().map(Digest::to_string);
    let arguments: Vec<String> = [wanted.ids.len().to_string()].into_iter().chain(ids).collect();
    let mut session = connection.start_first(INSPECT, &arguments, runner)?;
    let (Some(mut input), Some(output)) = (session.take_input(), session.take_output()) else {
        return Err(Error::unreadable(connection.name(), "the session has no pipes"));
    };
    let mut inspection =
        RemoteInspection::new(connection, wanted, BufReader::new(PatientReader::new(output)), runner);
    let read = inspection.read(&mut input);
    runner.check_interrupted()?;
    match read {
        Ok(()) if !inspection.frames.is_empty() => {}
        Err(source) if source.kind() == io::ErrorKind::TimedOut => {
            session.terminate();
            let reason = format!("nothing arrived for {} s", SILENCE.as_secs());
            return Err(Error::EngineUnreachable { host: connection.name().to_owned(), reason });
        }
        failed => {
            // Closing the input ends ssh, which then removes its socket.
            drop((input, inspection));
            let ended = session.wait()?;
            runner.check_interrupted()?;
            return Err(match failed {
                Err(source) if source.kind() == io::ErrorKind::InvalidData => {
                    Error::Unreadable { host: connection.name().to_owned(), source }
                }
                // The connection has ended: the exit status and stderr of ssh show the reason.
                _ => Error::of_ssh(connection.name(), &ended),
            });
        }
    }
    let inventory = Inventory::parse(connection.name(), &inspection.frames)?;
    let RemoteInspection { mut output, round_trip, finalizing, receiving, .. } = inspection;
    output.get_mut().set_limit(None);
    Ok(Inspected { inventory, round_trip, session, input, output, finalizing, receiving })
}

/// The running inspection of a host.
struct RemoteInspection<'a> {
    connection: &'a Connection,
    wanted: WantedImages<'a>,
    runner: &'a Runner,
    output: BufReader<PatientReader<PipeReader>>,
    frames: Vec<Frame>,
    round_trip: Duration,
    /// Whether any of the wanted images is missing.
    is_missing: bool,
    finalizing: Option<Streaming>,
    receiving: Option<Streaming>,
}

impl<'a> RemoteInspection<'a> {
    fn new(
        connection: &'a Connection,
        wanted: WantedImages<'a>,
        output: BufReader<PatientReader<PipeReader>>,
        runner: &'a Runner,
    ) -> Self {
        RemoteInspection {
            connection,
            wanted,
            runner,
            output,
            frames: Vec::new(),
            round_trip: Duration::MAX,
            is_missing: false,
            finalizing: None,
            receiving: None,
        }
    }

    fn read(&mut self, input: &mut impl Write) -> io::Result<()> {
        if !frame::skip_greeting(&mut self.output)? {
            return Ok(());
        }
        // Not earlier: the time that the connection and the login shell took is not part of a round trip.
        let start = Instant::now();
        input.write_all(b"echo\n")?;
        while let Some(frame) = frame::read_frame(&mut self.output)? {
            // Not earlier: ssh may prompt for a password first.
            self.output.get_mut().set_limit(Some(SILENCE));
            match frame.name.as_str() {
                // On this machine a slow response is no distance: several streams, and their fifos, would be useless.
                "echo" if self.connection.is_local() => self.round_trip = Duration::ZERO,
                "echo" => self.round_trip = start.elapsed(),
                "wanted" => self.is_missing = frame.text.lines().count() < self.wanted.ids.len(),
                "store" => self.prepare_sessions(inventory::store(&frame)),
                "end" => break,
                _ => {}
            }
            self.frames.push(frame);
        }
        Ok(())
    }

    /// Opens the sessions of the next steps while docker still lists the images: opening one takes two round trips.
    fn prepare_sessions(&mut self, store: Option<Store>) {
        let Some(on_missing) = self.wanted.on_missing else { return };
        if !self.is_missing {
            self.finalizing = self.connection.prepare(FINALIZE, self.runner);
        } else if store == Some(Store::Classic) {
            // Containerd's store may have the image under an ID that only its manifests show.
            on_missing();
            if self.round_trip > LONG_ROUND_TRIP {
                self.receiving = self.connection.prepare(RECEIVE, self.runner);
            }
        }
    }
}
