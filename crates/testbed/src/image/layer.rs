//! A layer's archive as a stream that is not kept; its digest is known when it has been read.

use std::fs::{self, File};
use std::io::{self, Cursor, Error, Read};
use std::path::PathBuf;

use dockerutils_testkit::find_program;
use fastrand::Rng;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType};

use super::header::header;

/// The content of a layer's file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    Busybox,
    Random,
    Libraries,
}

#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) content: Content,
    /// The size of its file in bytes; ignored for busybox.
    pub(super) size: u64,
    pub(super) seed: u64,
}

impl Layer {
    /// Returns its archive.
    pub(super) fn read(&self) -> io::Result<Archive> {
        let bytes: Box<dyn Read> = match self.content {
            Content::Busybox => return busybox(),
            Content::Random => Box::new(Random(Rng::with_seed(self.seed))),
            Content::Libraries => Box::new(Libraries::from(self.seed)?),
        };
        let mut head = header(self.size);
        head.set_path(format!("content-{}", self.seed))?;
        head.set_cksum();
        // tar(5): a file is padded to blocks of 512 bytes, and two blocks of zeros end the archive.
        let padding = self.size.next_multiple_of(512) - self.size + 1024;
        let head = Cursor::new(head.as_bytes().to_vec());
        let stream = head.chain(bytes.take(self.size)).chain(io::repeat(0).take(padding));
        Ok(Archive::new(stream, 512 + self.size + padding))
    }
}

/// A stream of a known length that computes the digest of what is read from it.
pub(super) struct Archive {
    stream: Box<dyn Read>,
    size: u64,
    digest: Sha256,
}

impl Archive {
    fn new(stream: impl Read + 'static, size: u64) -> Self {
        Archive { stream: Box::new(stream), size, digest: Sha256::new() }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Returns the digest of all that was read, in hexadecimal.
    pub(super) fn digest(self) -> String {
        format!("{:x}", self.digest.finalize())
    }
}

impl Read for Archive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.digest.update(&buffer[..length]);
        Ok(length)
    }
}

fn busybox() -> io::Result<Archive> {
    let missing = || Error::other("busybox is missing: `scripts/setup.sh test` installs it");
    let program = fs::read(find_program("busybox").ok_or_else(missing)?)?;
    let mut archive = Builder::new(Vec::new());
    archive.append_data(&mut header(program.len() as u64), "bin/busybox", program.as_slice())?;
    for name in ["cat", "echo", "ls", "sh", "sha256sum", "true"] {
        let mut link = header(0);
        link.set_entry_type(EntryType::Symlink);
        archive.append_link(&mut link, format!("bin/{name}"), "busybox")?;
    }
    let archive = archive.into_inner()?;
    let size = archive.len() as u64;
    Ok(Archive::new(Cursor::new(archive), size))
}

/// An endless stream of random bytes.
struct Random(Rng);

impl Read for Random {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.fill(buffer);
        Ok(buffer.len())
    }
}

/// The libraries of this machine, one after the other, again and again.
struct Libraries {
    files: Vec<PathBuf>,
    next: usize,
    open: File,
}

impl Libraries {
    /// Begins with the library that the seed selects.
    fn from(seed: u64) -> io::Result<Self> {
        let mut files = Vec::new();
        for folder in fs::read_dir("/usr/lib")? {
            let folder = folder?;
            if folder.file_type()?.is_dir() {
                files.extend(libraries(&fs::read_dir(folder.path())?.collect::<io::Result<Vec<_>>>()?)?);
            }
        }
        // Folders are read in no particular order.
        files.sort();
        let count = files.len() as u64;
        // A prime factor: consecutive seeds begin with libraries that are far apart.
        let start = seed.wrapping_mul(7919).checked_rem(count);
        let next = start.ok_or_else(|| Error::other("no library in /usr/lib"))? as usize;
        Ok(Libraries { open: File::open(&files[next])?, files, next })
    }
}

/// Returns the libraries in a folder that are files, not links to one.
fn libraries(entries: &[fs::DirEntry]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in entries {
        let is_library = entry.file_name().to_string_lossy().contains(".so");
        if is_library && entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}

impl Read for Libraries {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for _ in 0..=self.files.len() {
            let length = self.open.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            self.next = (self.next + 1) % self.files.len();
            self.open = File::open(&self.files[self.next])?;
        }
        Err(Error::other("the libraries in /usr/lib are empty"))
    }
}
