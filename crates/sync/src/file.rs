//! Files of ours, and their folder: files appear whole or not at all, and only their owner reads them.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::Error;

/// Makes a folder of ours, if it is not there.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::io("written", folder))
}

/// Writes a file in place of an older one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    let write = || {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map(drop).map_err(|refused| refused.error)
    };
    write().map_err(Error::io("written", path))
}
