//! A project and its workspace, compared: what differs, and which side has changed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::change::{Change, Difference, Local, Verdict, any_folder_above, judge, matches};
use crate::guarded::is_git_index;
use crate::listing::Item;
use crate::project_sync::LocalFiles;
use crate::state::State;
use crate::version::Version;

/// The versions of local files.
pub(crate) type Versions = HashMap<PathBuf, Version>;

/// A project and its workspace, compared.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) files: LocalFiles,
    pub(crate) versions: Versions,
    /// The state of the last sync, with the files that were found to be equal now.
    pub(crate) state: State,
    pub(crate) differences: Vec<Difference>,
    /// The folders that the dock lacks, and the files and folders that have another mode there.
    pub(crate) to_adjust: Vec<PathBuf>,
    /// Whether the workspace's own folder has another mode than the project's.
    pub(crate) has_other_root_mode: bool,
    /// The version file whose place on the dock the built version takes.
    pub(crate) version_file: Option<PathBuf>,
    /// Whether the dock has the built version of the project in the place of its version file.
    pub(crate) has_built_version: bool,
    /// Whether everything on the dock could be read.
    pub(crate) is_complete: bool,
    /// Whether the dock has no workspace yet.
    pub(crate) is_first: bool,
}

impl Comparison {
    /// Returns why a sync does not cover everything; `is_complete` is whether all that was planned was done.
    pub(crate) fn shortfall(&self, is_complete: bool) -> Option<Error> {
        let folders = self.files.tree.unreadable.clone();
        if !folders.is_empty() {
            return Some(Error::Unreadable { folders, is_partial: !is_complete });
        }
        (!is_complete).then_some(Error::Partial)
    }

    pub(crate) fn judge(&mut self, root: &Path, item: &Item) -> Verdict {
        let pending = self.state.pending(&item.path).iter().find(|version| matches(item, version)).cloned();
        if let Some(version) = pending.filter(|version| self.state.get(&item.path) != Some(version)) {
            // An interrupted sync has sent it.
            self.state.set(&item.path, version);
            let is_equal = self.state.get(&item.path) == self.versions.get(&item.path);
            return if is_equal { Verdict::Equal } else { Verdict::Differs(Change::Local) };
        }
        let local = self.local(root, &item.path);
        match judge(item, local, self.state.get(&item.path)) {
            Verdict::CompareContents if is_git_index(&item.path) => Verdict::Differs(Change::Local),
            verdict => verdict,
        }
    }

    fn local(&self, root: &Path, path: &Path) -> Local<'_> {
        if let Some(version) = self.versions.get(path) {
            return Local::Version(version);
        }
        // What the walk has not found can still exist: a folder, a socket, a file that was created since.
        let found = |path: &Path| root.join(path).symlink_metadata().ok();
        let blocks =
            |folder: &Path| found(folder).is_some_and(|found| !found.is_dir()) && !self.is_unchanged(folder);
        match found(path) {
            Some(_) => Local::Other,
            None if any_folder_above(path, blocks) => Local::BelowFile,
            None => Local::Absent,
        }
    }

    /// Returns whether the local version is that of the last sync.
    pub(crate) fn is_unchanged(&self, path: &Path) -> bool {
        self.versions.get(path).is_some_and(|version| self.state.get(path) == Some(version))
    }

    pub(crate) fn has_nanoseconds(&self, path: &Path) -> bool {
        let version = self.state.get(path).or_else(|| self.versions.get(path));
        version.and_then(Version::stamp).is_some_and(|stamp| stamp.nanoseconds != 0)
    }

    pub(crate) fn add(&mut self, item: &Item, change: Change) {
        self.differences.push(Difference { path: item.path.clone(), change, remote: Some(item.clone()) });
    }

    pub(crate) fn set_equal(&mut self, item: &Item) {
        if let Some(version) = self.versions.get(&item.path)
            && self.state.get(&item.path) != Some(version)
        {
            self.state.set(&item.path, version.clone());
        }
        if item.has_other_mode {
            self.to_adjust.push(item.path.clone());
        }
    }

    /// Takes a difference of less than a second for rounding: the file is unchanged on the dock.
    pub(crate) fn accept_same_second(&mut self, item: &Item) -> bool {
        match self.versions.contains_key(&item.path) {
            false => self.add(item, Change::DeletedLocally),
            true if !self.is_unchanged(&item.path) => self.add(item, Change::Local),
            true => {}
        }
        true
    }

    /// Judges a file whose contents were compared.
    pub(crate) fn decide(&mut self, item: &Item, is_different: bool) {
        let local = self.versions.get(&item.path);
        if !is_different
            && local.is_some_and(|version| self.is_unchanged(&item.path) || matches(item, version))
        {
            return self.set_equal(item);
        }
        let change = match local {
            None => Change::Remote,
            Some(_) if !is_different => Change::SameContents,
            Some(_) if self.is_unchanged(&item.path) => Change::Remote,
            Some(_) => Change::Both,
        };
        self.add(item, change);
    }

    /// Adds the local files that the dock does not have. `filled` holds the folders there that are not empty.
    pub(crate) fn add_missing(&mut self, is_known: impl Fn(&Path) -> bool, filled: &HashSet<&Path>) {
        for path in &self.files.tree.files {
            if is_known(path) || self.version_file.as_ref() == Some(path) || !self.versions.contains_key(path)
            {
                continue;
            }
            let change = match filled.contains(path.as_path()) {
                false => Change::Local,
                true if self.is_unchanged(path) => Change::Remote,
                true => Change::RemoteFolder,
            };
            self.differences.push(Difference { path: path.clone(), change, remote: None });
        }
    }

    pub(crate) fn adjust_folders(&mut self, folders: &[&Item]) {
        let on_dock: HashMap<&Path, &Item> =
            folders.iter().map(|item| (item.path.as_path(), *item)).collect();
        let differs = |path: &Path| on_dock.get(path).is_none_or(|item| item.has_other_mode);
        self.has_other_root_mode = differs(Path::new("."));
        self.to_adjust.extend(self.files.tree.folders.iter().filter(|path| differs(path)).cloned());
    }

    /// Drops what cannot be sent, because something that changed on the dock is in the place of a folder above it.
    pub(crate) fn drop_below_remote_files(&mut self) {
        let changes = self.differences.iter().filter(|difference| difference.change == Change::RemoteFile);
        let blocking: HashSet<PathBuf> = changes.map(|difference| difference.path.clone()).collect();
        let is_blocked = |path: &Path| any_folder_above(path, |folder| blocking.contains(folder));
        self.differences.retain(|it| it.change != Change::Local || !is_blocked(&it.path));
        self.to_adjust.retain(|path| !blocking.contains(path) && !is_blocked(path));
    }

    /// Removes from the state what exists neither locally nor on the dock.
    pub(crate) fn forget_unless(&mut self, is_known: impl Fn(&Path) -> bool) {
        let paths: Vec<PathBuf> = self.state.iter().map(|(path, _)| path).collect();
        for path in paths.iter().filter(|path| !is_known(path) && !self.versions.contains_key(*path)) {
            self.state.remove(path);
        }
    }
}
