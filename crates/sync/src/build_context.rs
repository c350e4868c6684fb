//! The size of the context that `docker build` would send.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use crate::metadata::stat_files;
use crate::version::Stamp;
use crate::{Error, Ignore, walk};

/// How many of the largest files are named.
const LARGEST_COUNT: usize = 5;

/// The size of a build's context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildContext {
    /// The number of files and symbolic links.
    pub files: usize,
    /// Their total size in bytes.
    pub bytes: u64,
    /// The five largest files with their sizes, the largest first.
    pub largest: Vec<(PathBuf, u64)>,
}

/// Returns the size of the context of a build in `root`. Sizes come from metadata; no file is opened.
///
/// # Errors
/// Fails if the ignore file is invalid, or if a folder or a file's metadata cannot be read.
pub fn measure_context(root: &Path) -> Result<BuildContext, Error> {
    let tree = walk(root, &Ignore::of_project(root)?)?;
    let found = stat_files(root, &tree.files);
    let sizes = found.map(|found| found.map(|(path, stat)| (path.to_owned(), Stamp::of(&stat).size)));
    let mut sizes = sizes.collect::<Result<Vec<_>, _>>()?;
    let (files, bytes) = (sizes.len(), sizes.iter().map(|(_, size)| size).sum());
    sizes.sort_by_key(|(_, size)| Reverse(*size));
    sizes.truncate(LARGEST_COUNT);
    Ok(BuildContext { files, bytes, largest: sizes })
}
