//! What a command writes, read so that we stop when we are told to, however long it is silent.

use std::io::{self, PipeReader, Read};
use std::os::fd::AsFd;

use dockerutils_command::{Error, Runner};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How often a silent command is left to look up whether we were told to stop, in milliseconds.
const GLANCE: u16 = 100;

/// A command's output.
pub(super) struct Stream<'a> {
    output: PipeReader,
    runner: &'a Runner,
    is_at_end: bool,
    interrupted: Option<Error>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(output: PipeReader, runner: &'a Runner) -> Self {
        Stream { output, runner, is_at_end: false, interrupted: None }
    }

    /// Whether all has been read.
    pub(super) fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// That we were told to stop while it was read.
    pub(super) fn interrupted(&mut self) -> Option<Error> {
        self.interrupted.take()
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Err(interrupted) = self.runner.check_interrupted() {
                let told = io::Error::other(interrupted.to_string());
                self.interrupted = Some(interrupted);
                return Err(told);
            }
            match poll(&mut [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)], PollTimeout::from(GLANCE))
            {
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
