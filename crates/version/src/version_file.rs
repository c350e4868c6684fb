//! The file at the project's root that a Dockerfile copies.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::{Error, Record};

/// The name of the file that [`write_record`] writes.
pub const FILE: &str = "_version.py.bld";

/// Writes the record as a Python module to [`FILE`] in `root`, replacing an older one, and returns the file's path.
///
/// # Errors
/// Returns [`Error::Unwritable`] if the file cannot be written.
pub fn write_record(root: &Path, record: &Record) -> Result<PathBuf, Error> {
    let path = root.join(FILE);
    match replace_file(root, &path, &record.to_python()) {
        Ok(()) => Ok(path),
        Err(source) => Err(Error::Unwritable { path, source }),
    }
}

fn replace_file(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    if has_text(path, text) {
        // With a new time, every sync would send it.
        return Ok(());
    }
    let mut file = tempfile::Builder::new()
        .prefix("._version.py.bld.")
        // The umask applies to this mode. The default of tempfile, 0600, would survive `COPY`, and an image's user, who
        // often is not root, could not import the module.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map(drop).map_err(|err| err.error)
}

/// Returns whether this is a file, and no link, with this text.
fn has_text(path: &Path, text: &str) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file())
        && dockerutils_file::read(path).is_ok_and(|bytes| bytes == text.as_bytes())
}
