//! A project's folder, walked once: what docker's ignore file leaves of it, and what it keeps at home.
//!
//! Only folders are read: names decide, and asking each file for its time and size takes longer than all else. Links are
//! not followed. What is neither file, folder nor link (a socket, a device) is left out.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use crate::ignore::{Above, Answer};
use crate::{Error, Ignore};

/// What a walk has found, each path relative to the root and in the order of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Files and links that are sent.
    pub files: Vec<PathBuf>,
    /// Folders that are sent, those above a file that is sent included.
    pub folders: Vec<PathBuf>,
    /// What stays at home; a folder stands for all that is below it.
    pub excluded: Vec<Excluded>,
    /// Patterns that match a folder of which something is sent all the same: they cannot become rules.
    pub(crate) unruly: Above,
}

/// Something that stays at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// Its path.
    pub path: PathBuf,
    /// The patterns that match it.
    pub(crate) above: Above,
}

/// Walks the folder.
///
/// # Errors
/// A folder of it cannot be read; one that vanishes meanwhile is no error.
pub fn walk(root: &Path, ignore: &Ignore) -> Result<Tree, Error> {
    let mut walk = Walk { root, ignore, tree: Tree::default() };
    walk.folder(Path::new(""), &Answer::default())?;
    Ok(walk.tree)
}

struct Walk<'a> {
    root: &'a Path,
    ignore: &'a Ignore,
    tree: Tree,
}

impl Walk<'_> {
    /// Walks what is in a folder; answers whether anything of it is sent.
    fn folder(&mut self, folder: &Path, answer: &Answer) -> Result<bool, Error> {
        let path = self.root.join(folder);
        let entries = match entries(&path) {
            Err(error) if answer.excluded && error.kind() == io::ErrorKind::PermissionDenied => None,
            entries => or_vanished(entries, &path)?,
        };
        let mut is_sent = false;
        for (name, kind) in entries.unwrap_or_default() {
            let entry_path = folder.join(name);
            let answer = self.ignore.ask(&entry_path, &answer.above);
            let kind = or_vanished(kind, &self.root.join(&entry_path))?;
            is_sent |= match kind {
                Some(kind) if kind.is_dir() => self.subfolder(entry_path, answer)?,
                Some(kind) if is_sendable(kind) => self.file(entry_path, answer),
                _ => false,
            };
        }
        Ok(is_sent)
    }

    fn subfolder(&mut self, path: PathBuf, answer: Answer) -> Result<bool, Error> {
        let (folders, excluded) = (self.tree.folders.len(), self.tree.excluded.len());
        self.tree.folders.push(path.clone());
        let is_walked = !answer.excluded || self.ignore.may_except_below(&path);
        let has_sent = is_walked && self.folder(&path, &answer)?;
        if !answer.excluded {
            return Ok(true);
        }
        if has_sent {
            self.tree.unruly.add(&self.ignore.matching(&path));
        } else {
            self.tree.folders.truncate(folders);
            self.tree.excluded.truncate(excluded);
            self.tree.excluded.push(Excluded { path, above: answer.above });
        }
        Ok(has_sent)
    }

    fn file(&mut self, path: PathBuf, answer: Answer) -> bool {
        if answer.excluded {
            self.tree.excluded.push(Excluded { path, above: answer.above });
        } else {
            self.tree.files.push(path);
        }
        !answer.excluded
    }
}

fn is_sendable(kind: FileType) -> bool {
    kind.is_file() || kind.is_symlink()
}

/// Names and kinds, in the order of names.
fn entries(folder: &Path) -> io::Result<Vec<(OsString, io::Result<FileType>)>> {
    let named = fs::read_dir(folder)?.map(|entry| entry.map(|entry| (entry.file_name(), entry.file_type())));
    let mut entries = named.collect::<io::Result<Vec<_>>>()?;
    entries.sort_unstable_by(|(name, _), (other, _)| name.cmp(other));
    Ok(entries)
}

/// What was asked for; nothing where it is gone.
fn or_vanished<T>(asked: io::Result<T>, path: &Path) -> Result<Option<T>, Error> {
    match asked {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}
