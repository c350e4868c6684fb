//! Layers to the sink, each once, in the order asked for.

use std::collections::{HashMap, HashSet};
use std::env;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use tempfile::SpooledTempFile;

use super::content::Checked;
use super::{Error, InvalidContent, LayerBlob, Order, Sink};
use dockerutils_oci::{Descriptor, Digest};

/// What waits is kept in memory up to so many bytes, all of it together.
const IN_MEMORY: usize = 8 << 20;

/// What is kept is read so many bytes at a time: as much as a pipe holds.
const AT_A_TIME: usize = 64 << 10;

/// What has been handed over, what waits, and what is still asked for.
pub(super) struct Delivery<'a> {
    wanted: Vec<Digest>,
    /// Those that neither wait nor have been handed over.
    missing: HashSet<Digest>,
    order: Order,
    /// The first of `wanted` that has not been handed over.
    next: usize,
    waiting: HashMap<Digest, (Descriptor, Kept)>,
    spool: Spool,
    sink: &'a mut dyn Sink,
}

/// Where content is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    start: u64,
    pub(super) size: u64,
}

impl<'a> Delivery<'a> {
    pub(super) fn new(wanted: &[Digest], order: Order, sink: &'a mut dyn Sink) -> Self {
        let mut missing = HashSet::new();
        let wanted: Vec<Digest> = wanted.iter().copied().filter(|diff_id| missing.insert(*diff_id)).collect();
        Delivery { wanted, missing, order, next: 0, waiting: HashMap::new(), spool: Spool::default(), sink }
    }

    /// Whether this layer is still to come.
    pub(super) fn misses(&self, diff_id: &Digest) -> bool {
        self.missing.contains(diff_id)
    }

    /// Whether any is still to come.
    pub(super) fn misses_any(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Those that are still to come, in the order asked for.
    pub(super) fn missing(&self) -> Vec<Digest> {
        self.wanted.iter().filter(|diff_id| self.missing.contains(*diff_id)).copied().collect()
    }

    /// Hands a layer that is missing over, or keeps it until its turn.
    pub(super) fn give(&mut self, found: LayerBlob, content: &mut dyn Read) -> Result<(), Error> {
        let mut content = Checked::of(content, found.blob.size, found.blob.digest);
        if self.order == Order::Requested && self.wanted.get(self.next) != Some(&found.diff_id) {
            let kept = self.spool.keep(&mut content)?;
            return self.give_kept(found, kept);
        }
        hand_over(self.sink, &found, &mut content)?;
        self.missing.remove(&found.diff_id);
        self.next += usize::from(self.order == Order::Requested);
        self.give_waiting()
    }

    /// The same with content that is already kept.
    pub(super) fn give_kept(&mut self, found: LayerBlob, kept: Kept) -> Result<(), Error> {
        if self.missing.remove(&found.diff_id) {
            self.waiting.insert(found.diff_id, (found.blob, kept));
        }
        self.give_waiting()
    }

    /// Keeps content of which it is not known yet what it is.
    pub(super) fn keep(&mut self, content: &mut Checked<'_>) -> Result<Kept, Error> {
        self.spool.keep(content)
    }

    /// Content that was kept.
    pub(super) fn kept(&mut self, kept: Kept) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let mut content = self.spool.read(kept).map_err(Error::Temporary)?;
        content.read_to_end(&mut bytes).map_err(Error::Temporary)?;
        Ok(bytes)
    }

    /// What was asked for has been handed over.
    pub(super) fn finish(self) -> Result<(), Error> {
        match self.missing().first() {
            None => Ok(()),
            Some(diff_id) => Err(InvalidContent::Missing(format!("layer {diff_id}")).into()),
        }
    }

    /// Hands over what waits and has its turn.
    fn give_waiting(&mut self) -> Result<(), Error> {
        while let Some(diff_id) = self.turn() {
            let Some((blob, kept)) = self.waiting.remove(&diff_id) else { return Ok(()) };
            // It was checked when it was kept.
            let mut content =
                Watched { input: self.spool.read(kept).map_err(Error::Temporary)?, failure: None };
            let handed = self.sink.layer(&LayerBlob { diff_id, blob }, &mut content);
            handed.map_err(|error| content.failure.map_or(Error::Sink(error), Error::Temporary))?;
            self.next += usize::from(self.order == Order::Requested);
        }
        Ok(())
    }

    fn turn(&self) -> Option<Digest> {
        match self.order {
            Order::Any => self.waiting.keys().next().copied(),
            Order::Requested => self.wanted.get(self.next).copied(),
        }
    }
}

fn hand_over(sink: &mut dyn Sink, found: &LayerBlob, content: &mut Checked<'_>) -> Result<(), Error> {
    match sink.layer(found, content) {
        Ok(()) => Ok(content.finish().map(|_| ())?),
        // A sink that failed since it could not read says so in its own words; ours are the cause.
        Err(err) => Err(content.failure().map_or(Error::Sink(err), Error::Archive)),
    }
}

/// Keeps why reading failed, for those who are told so by a sink in its own words.
struct Watched<R> {
    input: R,
    failure: Option<io::Error>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer).map_err(|error| {
            let told = io::Error::new(error.kind(), error.to_string());
            self.failure = Some(error);
            told
        })
    }
}

/// One file without a name for all that waits; nothing is left of it, whatever happens.
#[derive(Debug)]
struct Spool {
    file: SpooledTempFile,
    end: u64,
}

impl Default for Spool {
    fn default() -> Self {
        Spool { file: tempfile::spooled_tempfile_in(IN_MEMORY, folder()), end: 0 }
    }
}

/// The folder for what may be large: `/tmp` may be in memory.
fn folder() -> PathBuf {
    let large = Path::new("/var/tmp");
    let is_told = env::var_os("TMPDIR").is_some_and(|folder| !folder.is_empty());
    if is_told || !large.is_dir() { env::temp_dir() } else { large.to_owned() }
}

impl Spool {
    fn keep(&mut self, content: &mut Checked<'_>) -> Result<Kept, Error> {
        let start = self.end;
        self.file.seek(SeekFrom::Start(start)).map_err(Error::Temporary)?;
        let copied = io::copy(&mut BufReader::with_capacity(AT_A_TIME, &mut *content), &mut self.file);
        // Whatever went wrong with the content is told as that; only what is left is the file's fault.
        if let Some(failure) = content.failure() {
            return Err(failure.into());
        }
        self.end += copied.map_err(Error::Temporary)?;
        content.finish()?;
        Ok(Kept { start, size: self.end - start })
    }

    fn read(&mut self, kept: Kept) -> io::Result<impl Read> {
        self.file.seek(SeekFrom::Start(kept.start))?;
        Ok((&mut self.file).take(kept.size))
    }
}
