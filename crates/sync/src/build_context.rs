//! The size of the context that `docker build` would send.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use crate::metadata::stat_files;
use crate::version::Stamp;
use crate::{Error, Ignore, Tree, walk};

/// The size of a build's context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildContext {
    /// The total size in bytes.
    pub bytes: u64,
    /// The files and symbolic links with their sizes, the largest first.
    pub sizes: Vec<(PathBuf, u64)>,
}

impl BuildContext {
    /// Returns this many of the largest files with their sizes, the largest first.
    pub fn largest(&self, count: usize) -> &[(PathBuf, u64)] {
        &self.sizes[..self.sizes.len().min(count)]
    }
}

/// Returns the size of the context of a build in `root`. Sizes come from metadata; no file is opened.
///
/// # Errors
/// Fails if the ignore file is invalid, or if a file's metadata cannot be read.
pub fn measure_context(root: &Path) -> Result<BuildContext, Error> {
    measure_tree(root, &walk(root, &Ignore::of_project(root)?)?)
}

/// Returns the size of the files of a walk of `root`.
///
/// # Errors
/// Fails if a file's metadata cannot be read.
pub fn measure_tree(root: &Path, tree: &Tree) -> Result<BuildContext, Error> {
    let found = stat_files(root, &tree.files);
    let sizes = found.map(|found| found.map(|(path, stat)| (path.to_owned(), Stamp::of(&stat).size)));
    let mut sizes = sizes.collect::<Result<Vec<_>, _>>()?;
    sizes.sort_by_key(|(_, size)| Reverse(*size));
    Ok(BuildContext { bytes: sizes.iter().map(|(_, size)| size).sum(), sizes })
}
