//! Writes the crate's own files: each appears completely or not at all, and only its owner can read it.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::Error;

/// Creates a private folder and its parents, if they do not exist.
pub(crate) fn create_private_folder(folder: &Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::io("write", folder))
}

/// Writes a file, replacing an older one.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    let write = || {
        // A temporary file has mode 0600, and rename(2) replaces the old file in one step: an interrupted sync leaves
        // either the old state or the new one.
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map(drop).map_err(|refused| refused.error)
    };
    write().map_err(Error::io("write", path))
}
