//! Commands whose output the user sees at once and the caller gets afterwards.

use std::io::{self, IsTerminal, PipeReader, PipeWriter, Read, Write, stderr};
use std::thread::{self, JoinHandle};

use crate::{Command, Error, Runner};

/// How many bytes of a stream are kept at least, counted from its end.
///
/// The end is what matters: a push prints its digest, or the reason of its failure, last.
const KEPT: usize = 64 * 1024;

/// The result and the output of a command that the user watched.
#[derive(Debug)]
pub struct TeeOutput {
    /// How the command ended.
    pub ended: Result<(), Error>,
    /// The end of its standard output; empty if that was the user's terminal.
    pub stdout: String,
    /// The end of its standard error.
    pub stderr: String,
}

impl Runner {
    /// Echoes and runs a command, copies its output to standard error as it comes, and returns the end of that output.
    ///
    /// If standard error is a terminal, the command's standard output is that terminal and is not kept.
    pub fn run_tee(&self, command: &Command) -> TeeOutput {
        match (StreamTee::new(), StreamTee::new()) {
            (Ok(stdout), Ok(stderr)) => self.tee_streams(command, stdout, stderr),
            (Err(error), _) | (_, Err(error)) => TeeOutput {
                ended: Err(command.start_error(error)),
                stdout: String::new(),
                stderr: String::new(),
            },
        }
    }

    fn tee_streams(&self, command: &Command, stdout: StreamTee, stderr: StreamTee) -> TeeOutput {
        // The expression owns the writers and is dropped when `wait` returns. Only then do the readers see the end of
        // their pipes, so they are joined afterwards.
        let ended = self.wait(command, |expression| {
            let expression = expression.stderr_file(stderr.writer);
            // docker draws its progress bars only if its standard output is a terminal; through a pipe it would print
            // a line for every step of every layer.
            if io::stderr().is_terminal() {
                expression.stdout_to_stderr()
            } else {
                expression.stdout_file(stdout.writer)
            }
        });
        TeeOutput { ended, stdout: kept_text(stdout.copier), stderr: kept_text(stderr.copier) }
    }
}

/// A pipe, and the thread that copies what comes out of it.
struct StreamTee {
    writer: PipeWriter,
    copier: JoinHandle<Vec<u8>>,
}

impl StreamTee {
    fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(StreamTee { writer, copier: copy_to_stderr(reader)? })
    }
}

/// Copies a pipe to standard error, and returns the end of what came through it.
fn copy_to_stderr(mut reader: PipeReader) -> io::Result<JoinHandle<Vec<u8>>> {
    thread::Builder::new().spawn(move || {
        let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            // If standard error is closed, reading goes on: a full pipe would block the command for ever.
            let _ = stderr().write_all(&buffer[..count]);
            kept.extend_from_slice(&buffer[..count]);
            // Dropping at twice the size moves each byte at most once on average.
            if kept.len() > 2 * KEPT {
                kept.drain(..kept.len() - KEPT);
            }
        }
        kept
    })
}

fn kept_text(copier: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&copier.join().unwrap_or_default()).into_owned()
}
