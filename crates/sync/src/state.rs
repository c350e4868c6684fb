//! The state of the last sync: the versions that files had when they were last equal on this machine and on the dock.
//!
//! It decides which side has changed since. Without it no work is lost, but every difference counts as a conflict.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::file_name;
use crate::version::Version;

/// The versions of the files of one project, as last known to be equal on this machine and on one dock.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The project's folder. Two projects of one name share the state file, but not the state.
    root: PathBuf,
    files: BTreeMap<String, Version>,
    /// The versions that an earlier sync may have sent: it was interrupted, or the file changed meanwhile.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pending: BTreeMap<String, Vec<Version>>,
    /// Whether one of the two file systems rounds times, so that a time within the same second is not a change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) rounds_times: bool,
}

impl State {
    /// Returns the state of a project that was never synced.
    pub(crate) fn empty(root: &Path) -> Self {
        State { root: root.to_owned(), ..State::default() }
    }

    /// Reads the state of the project at `root`; it is empty if the file does not exist, is broken, or belongs to
    /// another folder.
    pub(crate) fn read(path: &Path, root: &Path) -> Result<Self, Error> {
        let bytes = match dockerutils_file::read_at_most(path, dockerutils_file::MAX_LIST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::empty(root)),
            read => read.map_err(Error::io("read", path))?,
        };
        // A broken file need not be an error: with an empty state, every difference is a conflict, and no work is lost.
        let state: State = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(if state.root == root { state } else { State::empty(root) })
    }

    /// Encodes the state for the file at `path`.
    pub(crate) fn to_bytes(&self, path: &Path) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|error| Error::io("write", path)(error.into()))
    }

    /// Returns the version that `path` had when it was last equal on both sides.
    pub(crate) fn get(&self, path: &Path) -> Option<&Version> {
        self.files.get(&*file_name::to_text(path))
    }

    /// Sets the version of a file that is now equal on both sides.
    pub(crate) fn set(&mut self, path: &Path, version: Version) {
        let name = file_name::to_text(path);
        match self.files.get_mut(&*name) {
            Some(known) => *known = version,
            None => drop(self.files.insert(name.into_owned(), version)),
        }
    }

    /// Removes a file that no longer exists on either side.
    pub(crate) fn remove(&mut self, path: &Path) {
        self.files.remove(&*file_name::to_text(path));
    }

    /// Returns all files with their versions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (PathBuf, &Version)> {
        self.files.iter().map(|(name, version)| (file_name::from_text(name), version))
    }

    /// Returns the versions of `path` of which an earlier sync may have sent any.
    pub(crate) fn pending(&self, path: &Path) -> &[Version] {
        self.pending.get(&*file_name::to_text(path)).map_or(&[], Vec::as_slice)
    }

    /// Adds a version that is sent now, or may have been.
    pub(crate) fn add_pending(&mut self, path: &Path, version: Version) {
        self.pending.entry(file_name::to_text(path).into_owned()).or_default().push(version);
    }

    /// Removes the versions that may have been sent.
    pub(crate) fn clear_pending(&mut self) {
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;
    use crate::version::Stamp;

    #[test]
    fn the_state_of_an_earlier_release_is_read() {
        let text = r#"{"root":"/p","files":{"a":[978307200,5,3],"ü \n":[0,0,0]}}"#;
        let state: State = serde_json::from_str(text).unwrap();
        assert_eq!(state.get(Path::new("a")), Some(&Version::File(Stamp::from((978_307_200, 5, 3)))));
        assert_eq!(serde_json::to_string(&state).unwrap(), text);
    }

    #[test]
    fn every_name_and_kind_is_kept() {
        let names =
            [OsStr::new("a"), OsStr::from_bytes(b"\xff"), OsStr::from_bytes(b"a\xfe/\xff"), OsStr::new("ff")];
        let mut state = State::empty(Path::new("/p"));
        for (number, name) in (0..).zip(names) {
            state.set(Path::new(name), Version::File(Stamp::from((number, 1, 2))));
            state.set(&Path::new(name).join("link"), Version::Link(Path::new(name).to_owned()));
        }
        let text = state.to_bytes(Path::new("/state")).unwrap();
        let read: State = serde_json::from_slice(&text).unwrap();
        assert_eq!(read, state);
        for (number, name) in (0..).zip(names) {
            assert_eq!(read.get(Path::new(name)), Some(&Version::File(Stamp::from((number, 1, 2)))));
            assert_eq!(
                read.get(&Path::new(name).join("link")),
                Some(&Version::Link(Path::new(name).to_owned()))
            );
        }
        assert_eq!(read.iter().count(), 2 * names.len());
    }
}
