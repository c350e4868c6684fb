//! A pipe, read so that a signal ends the reading however long the other program is silent.

use std::io::{self, Read};
use std::os::fd::AsFd;

use dockerutils_command::{Error, Runner};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How often to check for a signal while the pipe is silent, in milliseconds.
const POLL_INTERVAL: u16 = 100;

/// Reads a pipe.
pub(super) struct Interruptible<'a, P> {
    pipe: P,
    runner: &'a Runner,
    is_at_end: bool,
    interrupted: Option<Error>,
}

impl<'a, P: Read + AsFd> Interruptible<'a, P> {
    pub(super) fn new(pipe: P, runner: &'a Runner) -> Self {
        Interruptible { pipe, runner, is_at_end: false, interrupted: None }
    }

    /// Returns whether everything has been read.
    pub(super) fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Takes the error of a signal that arrived during the reading.
    pub(super) fn take_interrupted(&mut self) -> Option<Error> {
        self.interrupted.take()
    }
}

impl<P: Read + AsFd> Read for Interruptible<'_, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A plain read would return only when docker writes again: `docker save` may be silent for minutes.
        loop {
            if let Err(interrupted) = self.runner.check_interrupted() {
                let error = io::Error::other(interrupted.to_string());
                self.interrupted = Some(interrupted);
                return Err(error);
            }
            let mut fds = [PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN)];
            match poll(&mut fds, PollTimeout::from(POLL_INTERVAL)) {
                Ok(0) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
                Ok(_) => break,
            }
        }
        let count = self.pipe.read(buffer)?;
        self.is_at_end |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}
