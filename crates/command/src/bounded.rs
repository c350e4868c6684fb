//! Output of a command that is kept in memory, at most up to a limit; a command that prints more is ended.
//!
//! What a dock, a registry or a project's own program prints is kept, so it could otherwise fill this machine's memory.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use crate::Error;

/// How many bytes are read at a time: what a pipe holds.
const CHUNK: usize = 64 << 10;

/// How many bytes of a stream are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// 1 MiB: an answer.
    Answer,
    /// 64 MiB: a list with a line for each file or image.
    List,
}

impl Limit {
    fn mib(self) -> usize {
        match self {
            Limit::Answer => 1,
            Limit::List => 64,
        }
    }
}

/// The error of a stream that had more bytes than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("printed more than {} MiB and was ended", .0.mib())]
pub(crate) struct Overflow(Limit);

/// What a stream held, or that it held too much.
pub(crate) type Bounded = Result<Vec<u8>, Overflow>;

impl Overflow {
    pub(crate) fn error(self, program: String) -> Error {
        Error::TooMuchOutput { program, overflow: self.to_string() }
    }
}

/// A pipe whose writing end is for a command that has not been started yet.
pub(crate) struct BoundedPipe {
    reader: PipeReader,
    limit: Limit,
}

/// A thread that reads what a command prints, and the result once it is known.
#[derive(Debug)]
pub(crate) struct BoundedReader {
    thread: Receiver<Result<(), Overflow>>,
    read: Option<Result<(), Overflow>>,
    kept: Kept,
}

/// What was read so far.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BoundedPipe {
    /// Creates the pipe and returns its writing end, too.
    pub(crate) fn new(limit: Limit) -> io::Result<(Self, PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        Ok((BoundedPipe { reader, limit }, writer))
    }

    /// Starts to read what the started command prints; calls `end` if that is more than the limit.
    ///
    /// Every writing end on our side must have been dropped, or the reader never sees the end of the output.
    pub(crate) fn read(self, end: impl FnOnce() + Send + 'static) -> io::Result<BoundedReader> {
        let (sender, receiver) = channel();
        let kept = Kept::default();
        let filled = kept.clone();
        thread::Builder::new().spawn(move || {
            let read = read_to_limit(self.reader, self.limit, &filled);
            if read.is_err() {
                end();
            }
            // Fails if the result is not wanted any more.
            let _ = sender.send(read);
        })?;
        Ok(BoundedReader { thread: receiver, read: None, kept })
    }
}

impl BoundedReader {
    /// Returns whether the output ends before the deadline. A process that the command has started may keep the pipe open
    /// after the command itself has ended.
    pub(crate) fn ends_by(&mut self, deadline: Instant) -> bool {
        if self.read.is_none() {
            self.read = self.thread.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok();
        }
        self.read.is_some()
    }

    /// Returns whether the output contains a text so far.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.kept.bytes().windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// Waits for the end of the output and returns it.
    pub(crate) fn finish(&mut self) -> Bounded {
        let read = self.read.take().or_else(|| self.thread.recv().ok());
        read.unwrap_or(Ok(())).map(|()| std::mem::take(&mut *self.kept.bytes()))
    }
}

/// Returns a function that kills a command.
pub(crate) fn killer(handle: &Arc<duct::Handle>) -> impl FnOnce() + Send + 'static {
    let handle = Arc::clone(handle);
    move || {
        // Fails if the command has just ended, and then nothing is left to kill.
        let _ = handle.kill();
    }
}

/// Reads to the end, or to the first byte above the limit. The pipe is closed in either case.
fn read_to_limit(mut reader: PipeReader, limit: Limit, kept: &Kept) -> Result<(), Overflow> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = match reader.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // A pipe that cannot be read counts as one that has ended, as for the command's own exit status.
            Ok(0) | Err(_) => return Ok(()),
            Ok(count) => count,
        };
        let mut kept = kept.bytes();
        kept.extend_from_slice(&chunk[..count]);
        if kept.len() > limit.mib() << 20 {
            return Err(Overflow(limit));
        }
    }
}
