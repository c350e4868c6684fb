//! Reads files that other people may have written.
//!
//! A cloned repository may have a FIFO, or a symbolic link to `/dev/zero`, where a command expects a configuration. To
//! read it with [`std::fs::read`] would block for ever, or fill the memory. These functions read regular files only, and
//! at most a given number of bytes. `clippy.toml` forbids the standard library's functions in product code.
//!
//! ```
//! use std::path::Path;
//!
//! let error = dockerutils_file::read(Path::new("/dev/zero")).unwrap_err();
//! assert_eq!(error.to_string(), "it is a device, and not a regular file");
//! ```

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Error, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

const MIB: u64 = 1 << 20;

/// The largest file that [`read`] accepts, in bytes.
pub const MAX_FILE: u64 = 16 * MIB;

/// The largest list of files that a command keeps, in bytes.
pub const MAX_LIST: u64 = 64 * MIB;

/// Reads a regular file of at most [`MAX_FILE`] bytes.
///
/// # Errors
/// Fails if the file does not exist, is not a regular file, is too large, or cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(path, MAX_FILE)
}

/// Reads a regular file of at most [`MAX_FILE`] bytes as text.
///
/// # Errors
/// Fails as [`read`] does, and if the file is not UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| Error::new(ErrorKind::InvalidData, error.utf8_error()))
}

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// Fails as [`read`] does.
pub fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_to_limit(open(path)?, limit)
}

fn read_to_limit(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(file.metadata()?.len().min(limit).try_into().unwrap_or(0));
    // One byte more than the limit, because a file may have grown since its size was read, or have no size (`/proc`).
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("it has more than {} MiB", limit / MIB)));
    }
    Ok(bytes)
}

/// Reads at most `limit` bytes of what the user has named, which may be a pipe, as in `--apply <(ssh host …)`.
///
/// # Errors
/// Fails if it does not exist, is too large, or cannot be read.
pub fn read_named_by_user(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_to_limit(File::open(path)?, limit)
}

/// Returns the error for a symbolic link to a file that does not exist. For [`open`], such a file is not found.
pub fn dangling_link(path: &Path) -> Option<Error> {
    let is_dangling = path.is_symlink() && !path.exists();
    is_dangling.then(|| Error::other("it is a symbolic link to a file that does not exist"))
}

/// Opens a regular file for reading; it may have any size.
///
/// # Errors
/// Fails if the file does not exist, is not a regular file, or cannot be opened.
pub fn open(path: &Path) -> io::Result<File> {
    // Without O_NONBLOCK, opening a FIFO waits for a writer. With O_NOCTTY, a terminal does not become that of this process.
    // Neither has an effect on a regular file.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
        .map_err(renamed)?;
    check_regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// Opens a regular file that serves as a lock, and creates it if it does not exist; only its owner can read it.
///
/// # Errors
/// Fails if the file is not a regular file, or cannot be created or opened.
pub fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // For reading too: a FIFO that is opened for writing only would be no different from a socket.
    options.create(true).read(true).append(true).mode(0o600);
    let file = options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path).map_err(renamed)?;
    check_regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// Names the kind of file that the system refuses to open.
fn renamed(error: Error) -> Error {
    // open(2) fails in this way for a socket.
    if error.raw_os_error() == Some(libc::ENXIO) { irregular("a socket") } else { error }
}

fn check_regular(kind: FileType) -> io::Result<()> {
    if kind.is_dir() {
        return Err(Error::from_raw_os_error(libc::EISDIR));
    }
    match kind {
        kind if kind.is_file() => Ok(()),
        kind if kind.is_fifo() => Err(irregular("a FIFO")),
        kind if kind.is_socket() => Err(irregular("a socket")),
        _ => Err(irregular("a device")),
    }
}

fn irregular(kind: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("it is {kind}, and not a regular file"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::*;

    #[test]
    fn a_regular_file_is_read_also_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "é\n").unwrap();
        symlink(&file, &link).unwrap();
        assert_eq!(read(&link).unwrap(), "é\n".as_bytes());
        assert_eq!(read_to_string(&file).unwrap(), "é\n");
    }

    #[test]
    fn anything_but_a_regular_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        mkfifo(&path("fifo"), Mode::S_IRWXU).unwrap();
        let _listener = UnixListener::bind(path("socket")).unwrap();
        symlink("/dev/zero", path("zero")).unwrap();
        for (name, message) in [
            ("fifo", "it is a FIFO, and not a regular file"),
            ("socket", "it is a socket, and not a regular file"),
            ("zero", "it is a device, and not a regular file"),
        ] {
            assert_eq!(read(&path(name)).unwrap_err().to_string(), message);
        }
        assert_eq!(read(folder.path()).unwrap_err().kind(), ErrorKind::IsADirectory);
        assert_eq!(read(&path("none")).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_lock_is_created_for_its_owner_and_is_nothing_but_a_regular_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for _ in 0..2 {
            let lock = open_lock(&path("lock")).unwrap();
            assert_eq!(lock.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        mkfifo(&path("fifo"), Mode::S_IRWXU).unwrap();
        symlink("/dev/null", path("null")).unwrap();
        for name in ["fifo", "null"] {
            assert!(open_lock(&path(name)).unwrap_err().to_string().ends_with(", and not a regular file"));
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, vec![0; 4 * MIB as usize]).unwrap();
        assert_eq!(read_at_most(&path, 4 * MIB).unwrap().len(), 4 * MIB as usize);
        assert_eq!(read_at_most(&path, 3 * MIB).unwrap_err().to_string(), "it has more than 3 MiB");
    }

    #[test]
    fn a_file_without_a_size_is_read() {
        if cfg!(target_os = "linux") {
            assert!(!read(Path::new("/proc/self/stat")).unwrap().is_empty());
        }
    }
}
