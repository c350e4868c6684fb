//! The archive of a layer, put together from its files and from what docker kept of the archive besides.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read, Take};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::bufread::GzDecoder;
use serde::Deserialize;

use crate::source::store::tree::Tree;

/// The longest line. One holds the headers of a file, which hold its extended attributes.
const LINE: u64 = 4 << 20;

/// One line: bytes of the archive as they are, or a file of the layer.
#[derive(Deserialize)]
struct Line {
    r#type: u8,
    name: Option<String>,
    /// In place of a name that is no UTF-8, in base64.
    name_raw: Option<String>,
    #[serde(default)]
    size: u64,
    payload: Option<String>,
}

/// What the archive consists of, in its order.
enum Entry {
    Bytes(Vec<u8>),
    File { name: Vec<u8>, size: u64 },
}

/// The lines of `tar-split.json.gz`.
pub(super) struct Entries(BufReader<GzDecoder<BufReader<File>>>);

impl Entries {
    pub(super) fn open(file: &Path) -> io::Result<Self> {
        Ok(Entries(BufReader::new(GzDecoder::new(BufReader::new(File::open(file)?)))))
    }

    /// The bytes of the whole archive; `each` is told of every file that has content.
    pub(super) fn size(mut self, mut each: impl FnMut(&[u8], u64) -> io::Result<()>) -> io::Result<u64> {
        let mut sum = 0_u64;
        while let Some(entry) = self.next()? {
            let size = match entry {
                Entry::Bytes(bytes) => bytes.len() as u64,
                Entry::File { name, size } => each(&name, size).map(|()| size)?,
            };
            sum = sum.checked_add(size).ok_or(ErrorKind::InvalidData)?;
        }
        Ok(sum)
    }

    fn next(&mut self) -> io::Result<Option<Entry>> {
        loop {
            let mut line = Vec::new();
            (&mut self.0).take(LINE).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(None);
            }
            let line: Line = serde_json::from_slice(&line)?;
            match (line.r#type, line.size) {
                // A file without content has nothing but headers.
                (1, 0) => {}
                (1, size) => {
                    let raw = line.name_raw.as_deref().map(decode).transpose()?;
                    let name = raw.unwrap_or_else(|| line.name.unwrap_or_default().into_bytes());
                    return Ok(Some(Entry::File { name, size }));
                }
                (2, _) => return Ok(Some(Entry::Bytes(decode(&line.payload.unwrap_or_default())?))),
                _ => return Err(ErrorKind::InvalidData.into()),
            }
        }
    }
}

fn decode(text: &str) -> io::Result<Vec<u8>> {
    BASE64_STANDARD.decode(text).map_err(|err| Error::new(ErrorKind::InvalidData, err))
}

/// The archive, as a stream.
pub(super) struct Assembly {
    entries: Entries,
    tree: Tree,
    current: Current,
}

enum Current {
    Bytes(io::Cursor<Vec<u8>>),
    File(Take<File>),
}

impl Assembly {
    pub(super) fn new(entries: Entries, tree: Tree) -> Self {
        Assembly { entries, tree, current: Current::Bytes(io::Cursor::default()) }
    }
}

impl Read for Assembly {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = match &mut self.current {
                Current::Bytes(bytes) => bytes.read(buffer)?,
                Current::File(file) => file.read(buffer)?,
            };
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.current = match self.entries.next()? {
                None => return Ok(0),
                Some(Entry::Bytes(bytes)) => Current::Bytes(io::Cursor::new(bytes)),
                Some(Entry::File { name, size }) => Current::File(self.tree.file(&name, size)?.take(size)),
            };
        }
    }
}
