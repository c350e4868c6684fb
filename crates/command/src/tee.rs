//! Commands that are run and listened to: what they say goes on to the user while it is said.

use std::io::{self, IsTerminal, PipeReader, PipeWriter, Read, Write, stderr};
use std::thread::{self, JoinHandle};

use crate::{Command, Error, Runner};

/// The most of a stream that is kept: its end.
const KEPT: usize = 64 * 1024;

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct TeeOutput {
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
    pub fn run_tee(&self, command: &Command) -> TeeOutput {
        match (StreamTee::new(), StreamTee::new()) {
            (Ok(stdout), Ok(stderr)) => self.tee_streams(command, stdout, stderr),
            (Err(error), _) | (_, Err(error)) => {
                TeeOutput { ended: Err(command.start_error(error)), stdout: String::new(), stderr: String::new() }
            }
        }
    }

    fn tee_streams(&self, command: &Command, stdout: StreamTee, stderr: StreamTee) -> TeeOutput {
        let ended = self.wait(command, |expression| {
            let expression = expression.stderr_file(stderr.writer);
            if io::stderr().is_terminal() {
                expression.stdout_to_stderr()
            } else {
                expression.stdout_file(stdout.writer)
            }
        });
        TeeOutput { ended: ended.map(|_| ()), stdout: kept_text(stdout.listener), stderr: kept_text(stderr.listener) }
    }
}

/// A pipe, and who listens at its end.
struct StreamTee {
    writer: PipeWriter,
    listener: JoinHandle<Vec<u8>>,
}

impl StreamTee {
    fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(StreamTee { writer, listener: listen(reader)? })
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

fn kept_text(listener: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&listener.join().unwrap_or_default()).into_owned()
}
