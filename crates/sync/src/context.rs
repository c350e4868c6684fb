//! How much `docker build` would send. Sizes are asked for, contents are not read.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use crate::stat::stat;
use crate::state::Stamp;
use crate::{Error, Ignore, walk};

/// How many of the largest files are named.
const LARGEST: usize = 5;

/// The size of a build's context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// How many files and links it has.
    pub files: usize,
    /// How many bytes are in them.
    pub bytes: u64,
    /// The five largest, the largest first.
    pub largest: Vec<(PathBuf, u64)>,
}

/// The context of a build in this folder.
///
/// # Errors
/// The ignore file is refused, or something cannot be read.
pub fn context(root: &Path) -> Result<Context, Error> {
    let tree = walk(root, &Ignore::of_project(root)?)?;
    let found = stat(root, &tree.files);
    let sizes = found.map(|found| found.map(|(path, stat)| (path.to_owned(), Stamp::of(&stat).size)));
    let mut sizes = sizes.collect::<Result<Vec<_>, _>>()?;
    let (files, bytes) = (sizes.len(), sizes.iter().map(|(_, size)| size).sum());
    sizes.sort_by_key(|(_, size)| Reverse(*size));
    sizes.truncate(LARGEST);
    Ok(Context { files, bytes, largest: sizes })
}
