//! Commands that are run and listened to: what they say goes on to the user while it is said.

use std::io::{self, IsTerminal, PipeReader, PipeWriter, Read, Write, stderr};
use std::thread::{self, JoinHandle};

use crate::{Command, Error, Runner};

/// The most of a stream that is kept: its end.
const KEPT: usize = 64 * 1024;

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Heard {
    /// How it ended.
    pub ended: Result<(), Error>,
    /// The end of its standard output; nothing where it wrote to the user's terminal.
    pub stdout: String,
    /// The end of its standard error.
    pub stderr: String,
}

impl Runner {
    /// Echoes, runs and waits; what the command writes goes to standard error at once, and is kept.
    ///
    /// Where standard error is a terminal its standard output is that terminal, so that it can draw on it, and is not kept.
    pub fn hear(&self, command: &Command) -> Heard {
        match (Ear::new(), Ear::new()) {
            (Ok(stdout), Ok(stderr)) => self.hear_with(command, stdout, stderr),
            (Err(error), _) | (_, Err(error)) => {
                Heard { ended: Err(command.start_error(error)), stdout: String::new(), stderr: String::new() }
            }
        }
    }

    fn hear_with(&self, command: &Command, stdout: Ear, stderr: Ear) -> Heard {
        let ended = self.wait(command, |expression| {
            let expression = expression.stderr_file(stderr.writer);
            if io::stderr().is_terminal() {
                expression.stdout_to_stderr()
            } else {
                expression.stdout_file(stdout.writer)
            }
        });
        Heard { ended: ended.map(|_| ()), stdout: heard(stdout.listener), stderr: heard(stderr.listener) }
    }
}

/// A pipe, and who listens at its end.
struct Ear {
    writer: PipeWriter,
    listener: JoinHandle<Vec<u8>>,
}

impl Ear {
    fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Ear { writer, listener: listen(reader)? })
    }
}

/// Hands on what comes, and keeps the end of it.
fn listen(mut reader: PipeReader) -> io::Result<JoinHandle<Vec<u8>>> {
    thread::Builder::new().spawn(move || {
        let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            // A closed standard error must not keep the command from going on.
            let _ = stderr().write_all(&buffer[..count]);
            kept.extend_from_slice(&buffer[..count]);
            if kept.len() > 2 * KEPT {
                kept.drain(..kept.len() - KEPT);
            }
        }
        kept
    })
}

fn heard(listener: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&listener.join().unwrap_or_default()).into_owned()
}
