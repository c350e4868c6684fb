//! The names that `--as` has given to the workspaces of some folders on one dock.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::atomic_write::{create_private_folder, replace_file};

/// The file in the folder of a dock's syncs. Names of other files there have a dot, so no workspace has this one.
const FILE: &str = "names";

/// The names of one dock.
#[derive(Debug)]
pub struct WorkspaceNames {
    file: PathBuf,
}

impl WorkspaceNames {
    /// Returns the names that are kept in the folder of a dock's syncs.
    pub fn of(state_folder: &Path) -> Self {
        WorkspaceNames { file: state_folder.join(FILE) }
    }

    /// Returns the name that was given to the workspace of the project at `root`.
    pub fn get(&self, root: &Path) -> Option<String> {
        self.read().remove(&key(root))
    }

    /// Gives a name to the workspace of the project at `root`.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn set(&self, root: &Path, name: &str) -> Result<(), Error> {
        let mut names = self.read();
        if names.insert(key(root), name.to_owned()).as_deref() == Some(name) {
            return Ok(());
        }
        create_private_folder(self.file.parent().unwrap_or(Path::new(".")))?;
        let bytes =
            serde_json::to_vec(&names).map_err(|error| Error::io("write", &self.file)(error.into()))?;
        replace_file(&self.file, &bytes)
    }

    fn read(&self) -> BTreeMap<String, String> {
        // Without the names, a sync is refused by the owner's record in the workspace, and nothing is lost.
        let bytes = dockerutils_file::read(&self.file).ok();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }
}

fn key(root: &Path) -> String {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    root.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_keeps_its_own_name() {
        let temp = tempfile::tempdir().unwrap();
        let names = WorkspaceNames::of(&temp.path().join("sync"));
        assert_eq!(names.get(Path::new("/nowhere/a")), None);
        names.set(Path::new("/nowhere/a"), "first").unwrap();
        names.set(Path::new("/nowhere/b"), "second").unwrap();
        names.set(Path::new("/nowhere/a"), "third").unwrap();
        let found = ["/nowhere/a", "/nowhere/b"].map(|root| names.get(Path::new(root)).unwrap());
        assert_eq!(found, ["third", "second"]);
    }
}
