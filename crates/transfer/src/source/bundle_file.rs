//! The file that images are read from: a regular file, or a pipe, which is kept in a temporary file first.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockerutils_command::Runner;

use super::error::Error;
use super::interruptible::Interruptible;
use super::spool;

/// A file of images. It is opened once, so that all readings are of the same file.
#[derive(Debug)]
pub(super) struct BundleFile {
    pub(super) path: PathBuf,
    file: Arc<File>,
    start: u64,
}

/// One reading of a file, with a position of its own.
pub(super) struct BundleReader {
    file: Arc<File>,
    position: u64,
}

impl BundleFile {
    /// Opens what has this path.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(super) fn open(path: &Path, runner: &Runner) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        BundleFile::new(path, file, runner)
    }

    /// Takes an open file, or the content of a pipe. `path` is its name for messages.
    ///
    /// # Errors
    /// Fails if it is a folder or a device, cannot be read, or if the process received a signal to stop.
    pub(super) fn new(path: &Path, mut file: File, runner: &Runner) -> Result<Self, Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        let kind = file.metadata().map_err(failed)?.file_type();
        if kind.is_file() {
            let start = file.stream_position().map_err(failed)?;
            return Ok(BundleFile { path: path.to_owned(), file: Arc::new(file), start });
        }
        if kind.is_dir() {
            return Err(failed(ErrorKind::IsADirectory.into()));
        }
        // A terminal would wait for the user, and /dev/zero fill the disk.
        if !kind.is_fifo() && !kind.is_socket() {
            return Err(failed(io::Error::other("it is a device, and not a file or a pipe")));
        }
        // An archive is read twice: the images come last, and decide which layers are needed.
        let kept = keep(file, runner, failed)?;
        Ok(BundleFile { path: path.to_owned(), file: Arc::new(kept), start: 0 })
    }

    /// Starts a reading.
    pub(super) fn reader(&self) -> BundleReader {
        BundleReader { file: Arc::clone(&self.file), position: self.start }
    }
}

/// Copies a pipe to a temporary file without a name.
fn keep(pipe: File, runner: &Runner, failed: impl Fn(io::Error) -> Error) -> Result<File, Error> {
    let mut kept = tempfile::tempfile_in(spool::folder()).map_err(Error::Temporary)?;
    let mut pipe = Interruptible::new(pipe, runner);
    let mut buffer = vec![0; spool::PIPE_SIZE];
    loop {
        let read = pipe.read(&mut buffer);
        if let Some(interrupted) = pipe.take_interrupted() {
            return Err(interrupted.into());
        }
        match read.map_err(&failed)? {
            0 => return Ok(kept),
            count => io::Write::write_all(&mut kept, &buffer[..count]).map_err(Error::Temporary)?,
        }
    }
}

impl Read for BundleReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::thread;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::*;

    fn text(file: &BundleFile) -> String {
        let mut text = String::new();
        file.reader().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_pipe_can_be_read_twice() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        mkfifo(&fifo, Mode::S_IRWXU).unwrap();
        let writer = thread::spawn({
            let fifo = fifo.clone();
            move || File::options().write(true).open(fifo).unwrap().write_all(b"bundle").unwrap()
        });
        let file = BundleFile::open(&fifo, &Runner::new(false)).unwrap();
        writer.join().unwrap();
        assert_eq!((text(&file), text(&file)), ("bundle".to_owned(), "bundle".to_owned()));
    }

    #[test]
    fn an_open_file_is_read_from_its_position() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "head bundle").unwrap();
        let mut open = File::open(&path).unwrap();
        open.read_exact(&mut [0; 5]).unwrap();
        let file = BundleFile::new(&path, open, &Runner::new(false)).unwrap();
        assert_eq!((text(&file), text(&file)), ("bundle".to_owned(), "bundle".to_owned()));
    }

    #[test]
    fn a_folder_or_a_device_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (path, message) in [(folder.path(), "is a directory"), (Path::new("/dev/zero"), "it is a device")]
        {
            let error = BundleFile::open(path, &Runner::new(false)).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
