//! Walks a project's folder once and separates what docker's ignore file includes from what it excludes.
//!
//! Symbolic links are not followed. Sockets, pipes and devices are left out.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use crate::ignore::{Decision, ParentMatches};
use crate::{Error, Ignore};

/// The result of a walk. All paths are relative to the root and in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// The files and symbolic links that are included.
    pub files: Vec<PathBuf>,
    /// The folders that are included, and those that contain an included file.
    pub folders: Vec<PathBuf>,
    /// The excluded paths. A folder stands for everything below it.
    pub excluded: Vec<Excluded>,
    /// The included folders that cannot be read, such as a database's own. What is below them is not known.
    pub unreadable: Vec<PathBuf>,
    /// The patterns that match a folder which contains an included file. rsync cannot express them: a folder that is
    /// excluded by a rule is excluded with everything below it.
    pub(crate) inexpressible: ParentMatches,
}

/// A path that the ignore file excludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// The path of a file, or of a folder of which nothing is included.
    pub path: PathBuf,
    /// The patterns that match the path or a folder above it.
    pub(crate) matches: ParentMatches,
}

/// Walks the folder `root`.
///
/// # Errors
/// Fails if the root cannot be read. A folder or file that vanishes during the walk is skipped.
pub fn walk(root: &Path, ignore: &Ignore) -> Result<Tree, Error> {
    let mut walk = Walk { root, ignore, tree: Tree::default() };
    walk.visit_entries(Path::new(""), &Decision::default())?;
    Ok(walk.tree)
}

struct Walk<'a> {
    root: &'a Path,
    ignore: &'a Ignore,
    tree: Tree,
}

impl Walk<'_> {
    /// Visits the entries of a folder. Returns whether any of them is included.
    fn visit_entries(&mut self, folder: &Path, decision: &Decision) -> Result<bool, Error> {
        let path = self.root.join(folder);
        let entries = match entries(&path) {
            // An excluded folder is read only to look for exceptions, so an unreadable one can be skipped.
            Err(error) if decision.is_excluded && error.kind() == io::ErrorKind::PermissionDenied => None,
            Err(error) if !folder.as_os_str().is_empty() && error.kind() != io::ErrorKind::NotFound => {
                self.tree.folders.pop();
                self.tree.unreadable.push(folder.to_owned());
                None
            }
            entries => unless_vanished(entries, &path)?,
        };
        let mut is_included = false;
        for (name, kind) in entries.unwrap_or_default() {
            let entry_path = folder.join(name);
            let decision = self.ignore.evaluate(&entry_path, &decision.matches);
            let kind = unless_vanished(kind, &self.root.join(&entry_path))?;
            is_included |= match kind {
                Some(kind) if kind.is_dir() => self.visit_folder(entry_path, decision)?,
                Some(kind) if is_transferable(kind) => self.visit_file(entry_path, decision),
                _ => false,
            };
        }
        Ok(is_included)
    }

    fn visit_folder(&mut self, path: PathBuf, decision: Decision) -> Result<bool, Error> {
        let (folders, excluded) = (self.tree.folders.len(), self.tree.excluded.len());
        self.tree.folders.push(path.clone());
        let is_walked = !decision.is_excluded || self.ignore.may_except_below(&path);
        let has_included = is_walked && self.visit_entries(&path, &decision)?;
        if !decision.is_excluded {
            return Ok(true);
        }
        if has_included {
            self.tree.inexpressible.union(&self.ignore.all_matches(&path));
        } else {
            // No exception matched below: the folder alone stands for everything that was recorded since.
            self.tree.folders.truncate(folders);
            self.tree.excluded.truncate(excluded);
            self.tree.excluded.push(Excluded { path, matches: decision.matches });
        }
        Ok(has_included)
    }

    fn visit_file(&mut self, path: PathBuf, decision: Decision) -> bool {
        if decision.is_excluded {
            self.tree.excluded.push(Excluded { path, matches: decision.matches });
        } else {
            self.tree.files.push(path);
        }
        !decision.is_excluded
    }
}

fn is_transferable(kind: FileType) -> bool {
    kind.is_file() || kind.is_symlink()
}

/// Returns the names and types of a folder's entries, in the order of their names.
fn entries(folder: &Path) -> io::Result<Vec<(OsString, io::Result<FileType>)>> {
    // readdir(3) returns the type with the name. A stat(2) for each file would take longer than the rest of the walk.
    let named = fs::read_dir(folder)?.map(|entry| entry.map(|entry| (entry.file_name(), entry.file_type())));
    let mut entries = named.collect::<io::Result<Vec<_>>>()?;
    // Without the permission to search a folder, its names can be listed, but not what they stand for.
    fs::symlink_metadata(folder.join("."))?;
    entries.sort_unstable_by(|(name, _), (other, _)| name.cmp(other));
    Ok(entries)
}

/// Returns `None` if the path no longer exists.
fn unless_vanished<T>(result: io::Result<T>, path: &Path) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}
