//! A version in a folder's name, as in that of an unpacked source archive (`app-1.2/`).

use std::path::Path;

use crate::Record;

/// How many folders are examined: the project's own and two parents, as in versioneer's `versions_from_parentdir`.
const DEPTH: usize = 3;

/// Returns the record for the first folder whose name starts with the prefix. `None` if no folder has such a name, or
/// if the prefix is empty.
pub(crate) fn read_record(root: &Path, prefix: &str) -> Option<Record> {
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
