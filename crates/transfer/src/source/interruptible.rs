//! The output of a command, read so that a signal ends the reading however long the command is silent.

use std::io::{self, PipeReader, Read};
use std::os::fd::AsFd;

use dockerutils_command::{Error, Runner};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How often to check for a signal while the command is silent, in milliseconds.
const POLL_INTERVAL: u16 = 100;

/// Reads a command's output.
pub(super) struct InterruptibleOutput<'a> {
    output: PipeReader,
    runner: &'a Runner,
    is_at_end: bool,
    interrupted: Option<Error>,
}

impl<'a> InterruptibleOutput<'a> {
    pub(super) fn new(output: PipeReader, runner: &'a Runner) -> Self {
        InterruptibleOutput { output, runner, is_at_end: false, interrupted: None }
    }

    /// Returns whether the whole output has been read.
    pub(super) fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Takes the error of a signal that arrived during the reading.
    pub(super) fn take_interrupted(&mut self) -> Option<Error> {
        self.interrupted.take()
    }
}

impl Read for InterruptibleOutput<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A plain read would return only when docker writes again: `docker save` may be silent for minutes.
        loop {
            if let Err(interrupted) = self.runner.check_interrupted() {
                let error = io::Error::other(interrupted.to_string());
                self.interrupted = Some(interrupted);
                return Err(error);
            }
            let mut fds = [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)];
            match poll(&mut fds, PollTimeout::from(POLL_INTERVAL)) {
                Ok(0) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
                Ok(_) => break,
            }
        }
        let count = self.output.read(buffer)?;
        self.is_at_end |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}
