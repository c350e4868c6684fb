//! The temporary file for content that has to wait.

use std::env;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::path::{Path, PathBuf};

use dockerutils_oci::Digest;
use tempfile::SpooledTempFile;

use super::checked::CheckedReader;
use super::error::Error;
use super::invalid_content::InvalidContent;
use super::zstd_layer::{self, Unpacker};

/// The bytes that are kept in memory, all content together, before a file is used.
const IN_MEMORY: usize = 8 << 20;

/// How many bytes are read at once: as many as a pipe of Linux holds.
pub(super) const PIPE_SIZE: usize = 64 << 10;

/// How many bytes are unpacked at once.
const PIECE: usize = 256 << 10;

/// One file without a name for all content that waits. The system removes it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Spool {
    file: SpooledTempFile,
    end: u64,
}

/// The place of some content in the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spooled {
    start: u64,
    pub(super) size: u64,
}

impl Default for Spool {
    fn default() -> Self {
        Spool { file: tempfile::spooled_tempfile_in(IN_MEMORY, folder()), end: 0 }
    }
}

impl Spool {
    /// Stores content, and checks it to its end.
    pub(super) fn store(&mut self, content: &mut CheckedReader<'_>) -> Result<Spooled, Error> {
        let start = self.end;
        self.file.seek(SeekFrom::Start(start)).map_err(Error::Temporary)?;
        let copied = io::copy(&mut BufReader::with_capacity(PIPE_SIZE, &mut *content), &mut self.file);
        // `io::copy` does not distinguish the two sides: if the content has not failed, the file has.
        if let Some(failure) = content.take_failure() {
            return Err(failure.into());
        }
        self.end += copied.map_err(Error::Temporary)?;
        content.finish()?;
        Ok(Spooled { start, size: self.end - start })
    }

    /// Returns whether stored content is compressed with zstd.
    pub(super) fn is_zstd(&mut self, spooled: Spooled) -> Result<bool, Error> {
        let mut start = Vec::new();
        let mut content = self.open(spooled)?.take(zstd_layer::MAGIC as u64);
        content.read_to_end(&mut start).map_err(Error::Temporary)?;
        Ok(zstd_layer::is_zstd(&start))
    }

    /// Unpacks stored content that is compressed with zstd, and stores the result, which must have this digest.
    pub(super) fn unpack(&mut self, packed: Spooled, expected: Digest) -> Result<Spooled, Error> {
        let mut unpacker = Unpacker::new().map_err(Error::Temporary)?;
        let (start, mut piece) = (self.end, vec![0; PIECE]);
        let mut read = 0;
        while read < packed.size {
            let most = usize::try_from(packed.size - read).unwrap_or(PIECE).min(PIECE);
            self.file.seek(SeekFrom::Start(packed.start + read)).map_err(Error::Temporary)?;
            self.file.read_exact(&mut piece[..most]).map_err(Error::Temporary)?;
            self.file.seek(SeekFrom::Start(self.end)).map_err(Error::Temporary)?;
            let written = unpacker.unpack(&piece[..most], &mut self.file);
            self.end += written.map_err(InvalidContent::Unreadable)? as u64;
            read += most as u64;
        }
        self.file.seek(SeekFrom::Start(self.end)).map_err(Error::Temporary)?;
        let (rest, found) = unpacker.finish(&mut self.file).map_err(InvalidContent::Unreadable)?;
        self.end += rest as u64;
        if found != expected {
            return Err(InvalidContent::Digest { expected, found }.into());
        }
        Ok(Spooled { start, size: self.end - start })
    }

    /// Opens stored content.
    pub(super) fn open(&mut self, spooled: Spooled) -> Result<Take<&mut SpooledTempFile>, Error> {
        self.file.seek(SeekFrom::Start(spooled.start)).map_err(Error::Temporary)?;
        Ok((&mut self.file).take(spooled.size))
    }
}

/// Returns the folder for a large temporary file: `TMPDIR` if it is set, else `/var/tmp`, because `/tmp` may be in memory.
pub(super) fn folder() -> PathBuf {
    let large = Path::new("/var/tmp");
    let is_chosen = env::var_os("TMPDIR").is_some_and(|folder| !folder.is_empty());
    if is_chosen || !large.is_dir() { env::temp_dir() } else { large.to_owned() }
}
