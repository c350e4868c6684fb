//! Puts the archive of a layer together from the files of the layer and the parts of the original archive that docker kept.
//!
//! <https://github.com/vbatts/tar-split/blob/main/tar/storage/entry.go>

use std::fs::File;
use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read, Take};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::bufread::GzDecoder;
use serde::Deserialize;

use super::tree::Tree;

/// The longest line. A line may hold the headers of a file, which include its extended attributes.
const MAX_LINE: u64 = 4 << 20;

/// The types of lines.
const FILE: u8 = 1;
const BYTES: u8 = 2;

/// A line: bytes of the archive as they are, or the place of a file's content.
#[derive(Deserialize)]
struct Line {
    r#type: u8,
    name: Option<String>,
    /// In place of a name that is not UTF-8, in base64.
    name_raw: Option<String>,
    #[serde(default)]
    size: u64,
    payload: Option<String>,
}

/// A part of the archive.
enum Part {
    Bytes(Vec<u8>),
    File { name: Vec<u8>, size: u64 },
}

/// The lines of `tar-split.json.gz`.
pub(super) struct TarSplit(BufReader<GzDecoder<BufReader<File>>>);

impl TarSplit {
    pub(super) fn open(file: &Path) -> io::Result<Self> {
        Ok(TarSplit(BufReader::new(GzDecoder::new(BufReader::new(dockerutils_file::open(file)?)))))
    }

    /// Returns the bytes of the whole archive, and calls `visit` for every file that has content.
    pub(super) fn archive_size(
        mut self,
        mut visit: impl FnMut(&[u8], u64) -> io::Result<()>,
    ) -> io::Result<u64> {
        let mut sum = 0_u64;
        while let Some(part) = self.next_part()? {
            let size = match part {
                Part::Bytes(bytes) => bytes.len() as u64,
                Part::File { name, size } => visit(&name, size).map(|()| size)?,
            };
            sum = sum.checked_add(size).ok_or(ErrorKind::InvalidData)?;
        }
        Ok(sum)
    }

    fn next_part(&mut self) -> io::Result<Option<Part>> {
        loop {
            let mut line = Vec::new();
            // A longer line is cut, and is not valid JSON then.
            (&mut self.0).take(MAX_LINE).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(None);
            }
            let line: Line = serde_json::from_slice(&line)?;
            match (line.r#type, line.size) {
                // A file without content is in its headers alone.
                (FILE, 0) => {}
                (FILE, size) => {
                    let raw = line.name_raw.as_deref().map(decode).transpose()?;
                    let name = raw.unwrap_or_else(|| line.name.unwrap_or_default().into_bytes());
                    return Ok(Some(Part::File { name, size }));
                }
                (BYTES, _) => return Ok(Some(Part::Bytes(decode(&line.payload.unwrap_or_default())?))),
                _ => return Err(ErrorKind::InvalidData.into()),
            }
        }
    }
}

fn decode(text: &str) -> io::Result<Vec<u8>> {
    BASE64_STANDARD.decode(text).map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

/// Reads the archive as it was when the layer was loaded.
pub(super) struct AssembledArchive {
    tar_split: TarSplit,
    tree: Tree,
    current: Current,
}

enum Current {
    Bytes(io::Cursor<Vec<u8>>),
    File(Take<File>),
}

impl AssembledArchive {
    pub(super) fn new(tar_split: TarSplit, tree: Tree) -> Self {
        AssembledArchive { tar_split, tree, current: Current::Bytes(io::Cursor::default()) }
    }
}

impl Read for AssembledArchive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = match &mut self.current {
                Current::Bytes(bytes) => bytes.read(buffer)?,
                Current::File(file) => file.read(buffer)?,
            };
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.current = match self.tar_split.next_part()? {
                None => return Ok(0),
                Some(Part::Bytes(bytes)) => Current::Bytes(io::Cursor::new(bytes)),
                Some(Part::File { name, size }) => {
                    // A file that grows while it is read must not shift what follows it.
                    Current::File(self.tree.open_file(&name, size)?.take(size))
                }
            };
        }
    }
}
