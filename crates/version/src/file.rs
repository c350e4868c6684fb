//! The file at the project's root that a Dockerfile copies.
//!
//! It appears whole or not at all. It is as readable as the umask allows, because a user of the image reads it who need
//! not be its owner.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::{Error, Record};

/// The name of the file that [`write`] makes.
pub const FILE: &str = "_version.py.bld";

/// Writes the record as a Python module to [`FILE`] under `root`, in place of an older one.
///
/// # Errors
/// The folder cannot be written to.
pub fn write(root: &Path, record: &Record) -> Result<PathBuf, Error> {
    let path = root.join(FILE);
    match replace(root, &path, &record.to_python()) {
        Ok(()) => Ok(path),
        Err(source) => Err(Error::Unwritable { path, source }),
    }
}

fn replace(root: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix("._version.py.bld.")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(root)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map(drop).map_err(|err| err.error)
}
