//! The output of a session, read with a limit on the time for which the host may be silent.

use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Reads a pipe. Reading fails with [`ErrorKind::TimedOut`] if nothing arrives for the time of the limit.
#[derive(Debug)]
pub(super) struct PatientReader<P> {
    pipe: P,
    limit: Option<Duration>,
}

impl<P: Read + AsFd> PatientReader<P> {
    /// Creates a reader without a limit.
    pub(super) fn new(pipe: P) -> Self {
        PatientReader { pipe, limit: None }
    }

    /// Sets the limit of each read; with `None`, reading waits for ever.
    pub(super) fn set_limit(&mut self, limit: Option<Duration>) {
        self.limit = limit;
    }

    fn wait(&self, limit: Duration) -> io::Result<()> {
        let deadline = Instant::now() + limit;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            let mut fds = [PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN)];
            match poll(&mut fds, PollTimeout::try_from(rest).unwrap_or(PollTimeout::MAX)) {
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
                // The timeout counts whole milliseconds, and is zero for what is less.
                Ok(0) if rest < Duration::from_millis(1) => return Err(ErrorKind::TimedOut.into()),
                Ok(0) => {}
                Ok(_) => return Ok(()),
            }
        }
    }
}

impl<P: Read + AsFd> Read for PatientReader<P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(limit) = self.limit {
            self.wait(limit)?;
        }
        self.pipe.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn silence_is_an_error_after_the_limit_and_no_end() {
        let (pipe, mut writer) = io::pipe().unwrap();
        let mut reader = PatientReader::new(pipe);
        writer.write_all(b"ab").unwrap();
        let mut byte = [0];
        assert_eq!((reader.read(&mut byte).unwrap(), byte), (1, *b"a"));
        reader.set_limit(Some(Duration::from_millis(20)));
        assert_eq!((reader.read(&mut byte).unwrap(), byte), (1, *b"b"));
        assert_eq!(reader.read(&mut byte).unwrap_err().kind(), ErrorKind::TimedOut);
        drop(writer);
        assert_eq!(reader.read(&mut byte).unwrap(), 0);
    }
}
