//! Connecting to a target, and learning what is there, by `inspect.sh`.

use std::io::{self, BufReader, PipeReader, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockerutils_command::{Pipes, Runner, Streaming};

use super::connection::{Connection, script};
use super::frame::{self, Frame};
use super::{CONCLUDE, Error, Inventory, RECEIVE, Result, SURVEY, Store, Target, garbled, inventory};
use dockerutils_oci::Digest;

/// An echo that takes so long tells of the way, and not of a machine that was busy for a moment.
pub(super) const LONG_WAY: Duration = Duration::from_millis(20);

/// The images that are wanted on a target.
#[derive(Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Each stands there for all the IDs that it may have.
    pub images: &'a [Vec<Digest>],
    /// What is done as soon as one is known to be missing, if it is to be sent at all.
    pub on_missing: Option<&'a (dyn Fn() + Sync)>,
}

/// What the first session has told so far.
struct Survey<'a> {
    connection: &'a Arc<Connection>,
    wanted: Wanted<'a>,
    runner: &'a Runner,
    answers: BufReader<PipeReader>,
    frames: Vec<Frame>,
    round_trip: Duration,
    /// Whether any of the wanted images is.
    is_missing: bool,
    /// Sessions that are needed next. They are opened while docker there is still being asked.
    conclusion: Option<Streaming>,
    receiving: Option<Streaming>,
}

impl Target {
    pub(super) fn through(connection: Connection, wanted: Wanted<'_>, runner: &Runner) -> Result<Self> {
        let connection = Arc::new(connection);
        let ids = wanted.images.iter().flatten().map(Digest::to_string);
        let words: Vec<String> = [wanted.images.len().to_string()].into_iter().chain(ids).collect();
        let mut session = runner.start(&connection.open(&script(SURVEY, &words)?), Pipes::Both)?;
        let (Some(mut input), Some(output)) = (session.take_input(), session.take_output()) else {
            return Err(garbled(connection.name(), io::ErrorKind::BrokenPipe.into()));
        };
        let mut survey = Survey {
            connection: &connection,
            wanted,
            runner,
            answers: BufReader::new(output),
            frames: Vec::new(),
            round_trip: Duration::MAX,
            is_missing: false,
            conclusion: None,
            receiving: None,
        };
        let read = survey.read(&mut input);
        runner.check_interrupted()?;
        match read {
            Ok(()) if !survey.frames.is_empty() => {}
            // It may be the end of the connection, and it may be nonsense.
            failed => {
                drop((input, survey));
                let ended = session.wait()?;
                runner.check_interrupted()?;
                return Err(match failed {
                    Err(source) if source.kind() == io::ErrorKind::InvalidData => {
                        garbled(connection.name(), source)
                    }
                    _ => Error::of_ssh(connection.name(), &ended),
                });
            }
        }
        let inventory = Inventory::read(connection.name(), &survey.frames)?;
        let Survey { answers, round_trip, conclusion, receiving, .. } = survey;
        Ok(Target { session, input, answers, inventory, round_trip, conclusion, receiving, connection })
    }
}

impl Survey<'_> {
    fn read(&mut self, input: &mut impl Write) -> io::Result<()> {
        if !frame::begin(&mut self.answers)? {
            return Ok(());
        }
        let start = Instant::now();
        input.write_all(b"echo\n")?;
        while let Some(frame) = frame::next(&mut self.answers)? {
            match frame.name.as_str() {
                "heard" => self.round_trip = start.elapsed(),
                "wanted" => self.is_missing = frame.text.lines().count() < self.wanted.images.len(),
                "store" => self.prepare(inventory::store(&frame)),
                "end" => break,
                _ => {}
            }
            self.frames.push(frame);
        }
        Ok(())
    }

    /// Begins what is needed next, now that it is known which of the wanted images are there.
    fn prepare(&mut self, store: Option<Store>) {
        let Some(on_missing) = self.wanted.on_missing else { return };
        if !self.is_missing {
            self.conclusion = self.connection.prepare(CONCLUDE, self.runner);
        } else if store == Some(Store::Classic) {
            // Containerd's may have it by another ID.
            on_missing();
            if self.round_trip > LONG_WAY {
                self.receiving = self.connection.prepare(RECEIVE, self.runner);
            }
        }
    }
}
