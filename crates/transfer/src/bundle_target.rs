//! Where a bundle is written: to a regular file, which appears when it is complete, or into a stream.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use dockerutils_command::Runner;
use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{AccessFlags, access};
use tempfile::{Builder, NamedTempFile};

use crate::BlockSink;

/// How often to check for a signal while the reader of a stream is not ready.
const INTERVAL: Duration = Duration::from_millis(100);

/// The most links that are followed, as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Where a bundle is written.
#[derive(Debug)]
pub enum BundleTarget {
    /// A regular file or nothing, which is replaced, or a FIFO or a character device, which is written into.
    Path(PathBuf),
    /// An open stream, such as standard output.
    Stream {
        /// The name for messages.
        name: &'static str,
        /// The stream.
        output: File,
    },
}

/// An open target. It takes the blocks of a bundle.
pub(crate) enum BundleOutput {
    /// The path is replaced when the bundle is complete.
    Replaced {
        file: BufWriter<NamedTempFile>,
        path: PathBuf,
    },
    Stream(InterruptibleStream),
}

impl BundleTarget {
    /// Returns the name for messages.
    pub fn name(&self) -> String {
        match self {
            BundleTarget::Path(path) => path.display().to_string(),
            BundleTarget::Stream { name, .. } => (*name).to_owned(),
        }
    }

    /// Opens the target. A FIFO is opened when it has a reader.
    ///
    /// # Errors
    /// Fails if the target is of another kind, cannot be written to, or if the process received a signal to stop.
    pub(crate) fn open(&self, runner: &Runner) -> io::Result<BundleOutput> {
        match self {
            BundleTarget::Path(path) => open_path(path, runner),
            BundleTarget::Stream { output, .. } => stream(output.try_clone()?, runner),
        }
    }
}

impl BundleOutput {
    /// Completes the bundle, and returns its size in bytes.
    ///
    /// # Errors
    /// Fails if a regular file cannot be replaced.
    pub(crate) fn finish(self) -> io::Result<u64> {
        match self {
            BundleOutput::Replaced { file, path } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                let size = file.as_file().metadata()?.len();
                file.persist(path).map_err(|error| error.error)?;
                Ok(size)
            }
            BundleOutput::Stream(stream) => Ok(stream.written),
        }
    }
}

impl BlockSink for BundleOutput {
    fn write_block(&mut self, block: Vec<u8>) -> io::Result<()> {
        match self {
            BundleOutput::Replaced { file, .. } => file.write_all(&block),
            BundleOutput::Stream(stream) => stream.write_all(&block),
        }
    }

    fn end_step(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn open_path(path: &Path, runner: &Runner) -> io::Result<BundleOutput> {
    let path = follow_links(path)?;
    match fs::metadata(&path) {
        // To replace a file takes the permission to write into its folder alone. One that is write-protected stays.
        Ok(found) if found.is_file() => {
            access(&path, AccessFlags::W_OK)?;
            replace(path, Some(found.permissions()))
        }
        Ok(found) if found.is_dir() => Err(io::Error::from_raw_os_error(Errno::EISDIR as i32)),
        Ok(found) if found.file_type().is_fifo() => stream(open_fifo(&path, runner)?, runner),
        Ok(found) if found.file_type().is_char_device() => stream(open_at_once(&path)?, runner),
        Ok(_) => Err(refused("it is not a regular file, a FIFO or a character device")),
        Err(error) if error.kind() == ErrorKind::NotFound => replace(path, None),
        Err(error) => Err(error),
    }
}

/// Returns where a path leads: a link is kept, and what it leads to is written, also if that does not exist yet.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        // A link in /proc (/dev/stdout) leads to an open file, and its text is not a path.
        let Ok(target) = fs::read_link(&path) else { return Ok(path) };
        if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Ok(path);
        }
        // `/dev/fd` leads there too.
        if folder(&path).canonicalize().is_ok_and(|folder| folder.starts_with("/proc")) {
            // Replaced, it would lose what was written into it before, as with `>>`.
            return Err(refused("it is an open file: name the file, or write `-` for standard output"));
        }
        path = folder(&path).join(target);
    }
    Err(io::Error::from_raw_os_error(Errno::ELOOP as i32))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Creates the file that replaces a path, with the permissions of what it replaces.
fn replace(path: PathBuf, existing: Option<Permissions>) -> io::Result<BundleOutput> {
    // As any file that a program creates: the umask applies. Temporary files are private otherwise.
    let mode = Permissions::from_mode(if existing.is_some() { 0o600 } else { 0o666 });
    // In the folder of the file: renaming works only within a file system.
    let file = Builder::new().prefix(".transfer-").permissions(mode).tempfile_in(folder(&path))?;
    if let Some(existing) = existing {
        file.as_file().set_permissions(Permissions::from_mode(existing.mode() & 0o777))?;
    }
    Ok(BundleOutput::Replaced { file: BufWriter::new(file), path })
}

/// Opens a FIFO, once it has a reader.
fn open_fifo(path: &Path, runner: &Runner) -> io::Result<File> {
    loop {
        // A blocking open(2) would not end with a signal.
        match open_at_once(path) {
            Err(error) if error.raw_os_error() == Some(Errno::ENXIO as i32) => {}
            opened => return opened,
        }
        runner.check_interrupted().map_err(io::Error::other)?;
        thread::sleep(INTERVAL);
    }
}

/// Opens a FIFO or a device for writing. ENXIO is a FIFO without a reader, or a device that is not there, as `/dev/tty` is
/// without a terminal.
fn open_at_once(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

fn stream(output: File, runner: &Runner) -> io::Result<BundleOutput> {
    if output.is_terminal() {
        return Err(refused("it is a terminal: redirect it, or name a file"));
    }
    Ok(BundleOutput::Stream(InterruptibleStream { output, runner: runner.clone(), written: 0 }))
}

fn refused(problem: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, problem)
}

/// Writes to a stream so that a signal ends the writing however long the reader does not read.
pub(crate) struct InterruptibleStream {
    output: File,
    runner: Runner,
    written: u64,
}

impl Write for InterruptibleStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            self.runner.check_interrupted().map_err(io::Error::other)?;
            let mut fds = [PollFd::new(self.output.as_fd(), PollFlags::POLLOUT)];
            match poll(&mut fds, PollTimeout::try_from(INTERVAL).unwrap_or(PollTimeout::ZERO)) {
                Ok(0) | Err(Errno::EINTR) => continue,
                Err(errno) => return Err(errno.into()),
                Ok(_) => {}
            }
            // A pipe that is ready takes this many bytes without waiting.
            match self.output.write(&bytes[..bytes.len().min(libc::PIPE_BUF)]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => {
                    let count = result?;
                    self.written += count as u64;
                    return Ok(count);
                }
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::*;

    fn write(path: &Path) -> io::Result<u64> {
        let mut output = BundleTarget::Path(path.to_owned()).open(&Runner::new(false))?;
        output.write_block(b"bundle".to_vec())?;
        output.finish()
    }

    #[test]
    fn a_regular_file_is_replaced_and_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let mut old = File::open(&path).unwrap();
        assert_eq!(write(&path).unwrap(), 6);
        assert_eq!(fs::read(&path).unwrap(), b"bundle");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        // It was replaced, and not written to: an interrupted bundle leaves the old one.
        let mut text = String::new();
        old.read_to_string(&mut text).unwrap();
        assert_eq!(text, "old");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_open_file_is_refused_and_keeps_its_contents() {
        use std::os::fd::AsRawFd;
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(b"heading").unwrap();
        let number = file.as_file().as_raw_fd();
        for path in [format!("/dev/fd/{number}"), format!("/proc/self/fd/{number}")] {
            write(Path::new(&path)).unwrap_err();
        }
        assert_eq!(fs::read(file.path()).unwrap(), b"heading");
    }

    #[test]
    fn links_are_followed_also_to_what_does_not_exist() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("disk")).unwrap();
        for target in ["old", "new"] {
            fs::write(path("disk/old"), "old").unwrap();
            symlink(format!("disk/{target}"), path("near")).unwrap();
            symlink(path("near"), path("far")).unwrap();
            write(&path("far")).unwrap();
            assert_eq!(fs::read(path("disk").join(target)).unwrap(), b"bundle");
            assert!(path("far").is_symlink() && path("near").is_symlink());
            fs::remove_file(path("near")).unwrap();
            fs::remove_file(path("far")).unwrap();
        }
        symlink("loop", path("loop")).unwrap();
        assert_eq!(write(&path("loop")).unwrap_err().raw_os_error(), Some(Errno::ELOOP as i32));
    }

    #[test]
    fn a_fifo_or_a_device_is_written_into() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        mkfifo(&fifo, Mode::S_IRWXU).unwrap();
        let reader = thread::spawn({
            let fifo = fifo.clone();
            move || fs::read(fifo).unwrap()
        });
        assert_eq!(write(&fifo).unwrap(), 6);
        assert_eq!(reader.join().unwrap(), b"bundle");
        assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
        let null = folder.path().join("null");
        symlink("/dev/null", &null).unwrap();
        for path in [Path::new("/dev/null"), &null] {
            assert_eq!(write(path).unwrap(), 6);
        }
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device() && null.is_symlink());
    }

    #[test]
    fn a_folder_or_a_socket_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(write(folder.path()).unwrap_err().kind(), ErrorKind::IsADirectory);
        let socket = folder.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        assert!(write(&socket).unwrap_err().to_string().starts_with("it is not a regular file"));
    }
}
