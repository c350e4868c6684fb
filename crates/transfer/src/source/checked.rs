//! Content whose size and digest are checked while it is read.

use std::collections::VecDeque;
use std::io::{self, Read};

use dockerutils_oci::{Digest, Hasher};

use super::invalid_content::InvalidContent;

/// Reads content of a known size, and checks its digest if it is known.
///
/// The last bytes are returned only if both are right, so a consumer never has all of some wrong content.
pub(super) struct CheckedReader<'a> {
    input: &'a mut dyn Read,
    /// The name of the content in messages.
    name: String,
    left: u64,
    hasher: Hasher,
    expected: Option<Digest>,
    digest: Option<Digest>,
    /// The first bytes, which were read to recognize the content and are still to be returned.
    start: VecDeque<u8>,
    /// The failure itself. A sink sees it only as an [`io::Error`], and may return an error of its own instead.
    failure: Option<InvalidContent>,
}

impl<'a> CheckedReader<'a> {
    /// Creates a reader of the next `size` bytes of `input`.
    pub(super) fn new(input: &'a mut dyn Read, size: u64, name: String, expected: Option<Digest>) -> Self {
        let hasher = Hasher::default();
        CheckedReader {
            input,
            name,
            left: size,
            hasher,
            expected,
            digest: None,
            start: VecDeque::new(),
            failure: None,
        }
    }

    /// Creates a reader of the next `size` bytes of `input`, which must have this digest.
    pub(super) fn with_digest(input: &'a mut dyn Read, size: u64, digest: Digest) -> Self {
        CheckedReader::new(input, size, digest.to_string(), Some(digest))
    }

    /// Returns the first bytes, at most `count`, without consuming them. Call it before anything is read.
    pub(super) fn peek(&mut self, count: usize) -> Vec<u8> {
        let mut start = Vec::new();
        // A failure is in `self.failure`, and is returned by the next read.
        let _ = self.by_ref().take(count as u64).read_to_end(&mut start);
        self.start = start.iter().copied().collect();
        start
    }

    /// Reads the rest, and returns the digest of the whole.
    pub(super) fn finish(&mut self) -> Result<Digest, InvalidContent> {
        if self.failure.is_none() {
            // A failure is in `self.failure`.
            let _ = skip_to_end(self);
        }
        match (self.failure.take(), self.digest) {
            (None, Some(digest)) => Ok(digest),
            (None, None) => Err(InvalidContent::Truncated(self.name.clone())),
            (Some(failure), _) => Err(failure),
        }
    }

    /// Takes the failure, if reading has failed.
    pub(super) fn take_failure(&mut self) -> Option<InvalidContent> {
        self.failure.take()
    }

    /// Reads the whole content of a document.
    pub(super) fn read_all(&mut self) -> Result<Vec<u8>, InvalidContent> {
        let mut bytes = Vec::new();
        // `finish` returns the failure.
        let _ = self.read_to_end(&mut bytes);
        self.finish().map(|_| bytes)
    }

    /// Reads on. `Ok(0)` for a buffer that is not empty means that the whole content is right.
    fn read_checked(&mut self, buffer: &mut [u8]) -> Result<usize, InvalidContent> {
        if self.left == 0 {
            return self.check().map(|()| 0);
        }
        // Never beyond the content: the input continues with the next entry of an archive.
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.input.read(&mut buffer[..most]).map_err(InvalidContent::Unreadable)?;
        if count == 0 && most > 0 {
            return Err(InvalidContent::Truncated(self.name.clone()));
        }
        self.hasher.update(&buffer[..count]);
        self.left -= count as u64;
        if self.left == 0 {
            self.check()?;
        }
        Ok(count)
    }

    fn check(&mut self) -> Result<(), InvalidContent> {
        let found = *self.digest.get_or_insert_with(|| self.hasher.digest());
        match self.expected {
            Some(expected) if expected != found => Err(InvalidContent::Digest { expected, found }),
            _ => Ok(()),
        }
    }
}

impl Read for CheckedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failure) = &self.failure {
            return Err(io::Error::other(failure.to_string()));
        }
        if !self.start.is_empty() {
            return self.start.read(buffer);
        }
        self.read_checked(buffer).map_err(|failure| {
            let error = io::Error::other(failure.to_string());
            self.failure = Some(failure);
            error
        })
    }
}

/// Reads to the end, and discards the bytes.
pub(super) fn skip_to_end(input: &mut dyn Read) -> io::Result<()> {
    let mut buffer = [0; 64 << 10];
    while input.read(&mut buffer)? > 0 {}
    Ok(())
}
