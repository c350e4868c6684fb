//! Content that is checked while it is read.

use std::io::{self, Read};

use dockerutils_oci::{Digest, Hasher};

use super::InvalidContent;

/// Content of a size, and of a digest where one was promised.
///
/// The last bytes are handed over only when both are right.
pub(super) struct Checked<'a> {
    input: &'a mut dyn Read,
    name: String,
    left: u64,
    hash: Hasher,
    expected: Option<Digest>,
    digest: Option<Digest>,
    /// Why reading failed, for those who are told so by a sink in its own words.
    failure: Option<InvalidContent>,
}

impl<'a> Checked<'a> {
    /// `name` is for messages.
    pub(super) fn new(input: &'a mut dyn Read, size: u64, name: String, expected: Option<Digest>) -> Self {
        Checked { input, name, left: size, hash: Hasher::default(), expected, digest: None, failure: None }
    }

    /// The content of this digest.
    pub(super) fn of(input: &'a mut dyn Read, size: u64, digest: Digest) -> Self {
        Checked::new(input, size, digest.to_string(), Some(digest))
    }

    /// Reads what is left, and answers with the digest of all.
    pub(super) fn finish(&mut self) -> Result<Digest, InvalidContent> {
        if self.failure.is_none() {
            let _ = exhaust(self);
        }
        match (self.failure.take(), self.digest) {
            (None, Some(digest)) => Ok(digest),
            (None, None) => Err(InvalidContent::Truncated(self.name.clone())),
            (Some(failure), _) => Err(failure),
        }
    }

    /// Why reading failed, if it did.
    pub(super) fn failure(&mut self) -> Option<InvalidContent> {
        self.failure.take()
    }

    /// All of it, for a document.
    pub(super) fn read_all(&mut self) -> Result<Vec<u8>, InvalidContent> {
        let mut bytes = Vec::new();
        let _ = self.read_to_end(&mut bytes);
        self.finish().map(|_| bytes)
    }

    /// Reads on; `Ok(0)` for a buffer that holds something means that all was as it should be.
    fn step(&mut self, buffer: &mut [u8]) -> Result<usize, InvalidContent> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if self.left > 0 {
            let count = self.input.read(&mut buffer[..most]).map_err(InvalidContent::Unreadable)?;
            if count == 0 && most > 0 {
                return Err(InvalidContent::Truncated(self.name.clone()));
            }
            self.hash.update(&buffer[..count]);
            self.left -= count as u64;
            if self.left > 0 {
                return Ok(count);
            }
            self.check().map(|()| count)
        } else {
            self.check().map(|()| 0)
        }
    }

    fn check(&mut self) -> Result<(), InvalidContent> {
        let found = *self.digest.get_or_insert_with(|| self.hash.digest());
        match self.expected {
            Some(expected) if expected != found => Err(InvalidContent::Digest { expected, found }),
            _ => Ok(()),
        }
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failure) = &self.failure {
            return Err(io::Error::other(failure.to_string()));
        }
        self.step(buffer).map_err(|failure| {
            let told = io::Error::other(failure.to_string());
            self.failure = Some(failure);
            told
        })
    }
}

/// Reads to the end, for nothing but getting there.
pub(super) fn exhaust(input: &mut dyn Read) -> io::Result<()> {
    let mut buffer = [0; 64 << 10];
    while input.read(&mut buffer)? > 0 {}
    Ok(())
}
