//! A version that stands in a folder's name, as in that of an unpacked source archive.

use std::path::Path;

use crate::Record;

/// How many folders are looked at: the project's and its next two parents.
const DEPTH: usize = 3;

/// The record by the first folder whose name starts with the prefix; an empty prefix asks for none.
pub(crate) fn record(root: &Path, prefix: &str) -> Option<Record> {
    if prefix.is_empty() {
        return None;
    }
    let root = root.canonicalize().ok()?;
    let version =
        root.ancestors().take(DEPTH).find_map(|dir| dir.file_name()?.to_str()?.strip_prefix(prefix))?;
    Some(Record {
        version: version.to_owned(),
        full_revisionid: None,
        dirty: Some(false),
        error: None,
        date: None,
    })
}
