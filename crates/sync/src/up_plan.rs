//! What a sync to the dock will send, delete and leave alone.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::change::{Change, Difference, any_folder_above};
use crate::comparison::Comparison;
use crate::guarded::{is_git_index, is_in_repository};
use crate::lock::Lock;
use crate::overwritten::Overwritten;
use crate::version::Version;
use crate::{Error, PlannedChange};

/// What a sync may overwrite or delete on the dock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UpOptions {
    /// Delete what was once equal on both sides and no longer exists locally.
    pub delete: bool,
    /// Overwrite files that changed on both sides.
    pub force: bool,
}

/// What a sync will send and delete. While the plan exists, no other sync of this project with this dock starts.
#[derive(Debug)]
pub struct UpPlan {
    /// The files and symbolic links to send.
    pub sent: Vec<PathBuf>,
    /// Their size in bytes.
    pub bytes: u64,
    /// The files and symbolic links to delete on the dock.
    pub deleted: Vec<PathBuf>,
    /// The files that exist on both sides and changed on the dock only. They are left alone.
    pub newer: Vec<PathBuf>,
    /// The files that exist only on the dock, and are new or changed there.
    pub remote_only: Vec<PathBuf>,
    /// The files that changed on both sides and are left alone.
    pub conflicts: Vec<PathBuf>,
    /// The files that are left alone because a folder is in their place on the other side.
    pub other_kinds: Vec<PathBuf>,
    /// Whether the dock has no workspace yet.
    pub is_first: bool,
    /// After the sync, whether all of the plan was done; then the lists contain what was.
    pub is_complete: bool,
    /// After the sync, the folder in the workspace that keeps the files that changed on the dock while they were overwritten or
    /// deleted.
    pub kept: Option<String>,
    /// What is sent without being new: folders, modes, times.
    pub(crate) adjusted: Vec<PathBuf>,
    pub(crate) options: UpOptions,
    pub(crate) comparison: Comparison,
    _lock: Option<Lock>,
}

impl UpPlan {
    /// Returns the planned transfers and deletions for display.
    pub fn changes(&self) -> impl Iterator<Item = PlannedChange> {
        let change = |is_deleted| move |path: &PathBuf| PlannedChange { path: path.clone(), is_deleted };
        self.sent.iter().map(change(false)).chain(self.deleted.iter().map(change(true)))
    }

    /// Returns the files that `sync-down` would fetch.
    pub fn to_fetch(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.newer.iter().chain(&self.remote_only).cloned().collect();
        paths.retain(|path| !is_in_repository(path) && self.comparison.version_file.as_ref() != Some(path));
        paths.sort();
        paths
    }

    /// Returns why the plan does not cover everything that is to be synced: a folder could not be read here, or something
    /// on the dock.
    pub fn gap(&self) -> Option<Error> {
        self.comparison.shortfall(self.comparison.is_complete)
    }

    /// Returns why the sync did not do everything: as [`gap`](Self::gap), or something was not transferred. `None` if it did.
    pub fn shortfall(&self) -> Option<Error> {
        self.comparison.shortfall(self.is_complete)
    }

    pub(crate) fn new(comparison: Comparison, options: UpOptions, lock: Option<Lock>) -> Self {
        let mut plan = UpPlan {
            sent: Vec::new(),
            bytes: 0,
            deleted: Vec::new(),
            newer: Vec::new(),
            remote_only: Vec::new(),
            conflicts: Vec::new(),
            other_kinds: Vec::new(),
            is_first: comparison.is_first,
            is_complete: true,
            kept: None,
            adjusted: comparison.to_adjust.clone(),
            options,
            comparison,
            _lock: lock,
        };
        let differences = std::mem::take(&mut plan.comparison.differences);
        let free = if options.delete { emptied_folders(&differences) } else { HashSet::new() };
        differences.iter().for_each(|difference| plan.add(difference, &free));
        for paths in [&mut plan.sent, &mut plan.deleted, &mut plan.newer, &mut plan.remote_only] {
            paths.sort();
        }
        plan.conflicts.sort();
        plan.other_kinds.sort();
        plan.bytes = plan.size_of_sent();
        plan
    }

    pub(crate) fn note_kept(&mut self, result: &Result<(), Error>, overwritten: &Overwritten) {
        if matches!(result, Err(Error::Kept)) {
            self.kept = Some(overwritten.folder.clone());
        }
    }

    pub(crate) fn size_of_sent(&self) -> u64 {
        self.sent.iter().filter_map(|path| self.comparison.versions.get(path)).map(Version::size).sum()
    }

    fn add(&mut self, Difference { path, change, remote }: &Difference, free: &HashSet<PathBuf>) {
        let (force, is_local) = (self.options.force, self.comparison.versions.contains_key(path));
        let list = match change {
            Change::Local => &mut self.sent,
            Change::SameContents => &mut self.adjusted,
            Change::DeletedLocally if !self.options.delete => return,
            Change::DeletedLocally => &mut self.deleted,
            // git rewrites its index without any change of the user's.
            Change::Remote if is_git_index(path) => return,
            Change::Remote if is_local => &mut self.newer,
            Change::Remote => &mut self.remote_only,
            Change::Both if force => &mut self.sent,
            Change::Both => &mut self.conflicts,
            // The local file in the place of a folder is named.
            Change::RemoteFile
                if any_folder_above(path, |folder| self.comparison.versions.contains_key(folder)) =>
            {
                return;
            }
            Change::RemoteFile if force && remote.is_some() => return,
            Change::RemoteFolder if free.contains(path) => &mut self.sent,
            Change::RemoteFile | Change::RemoteFolder => &mut self.other_kinds,
        };
        list.push(path.clone());
    }
}

/// Returns the folders on the dock that hold nothing but what was deleted locally.
fn emptied_folders(differences: &[Difference]) -> HashSet<PathBuf> {
    let folders_above = |is_deleted: bool| {
        let found = differences
            .iter()
            .filter(move |it| it.remote.is_some() && is_deleted == (it.change == Change::DeletedLocally));
        found.flat_map(|it| it.path.ancestors().skip(1).map(Path::to_owned)).collect::<HashSet<PathBuf>>()
    };
    let kept = folders_above(false);
    folders_above(true).into_iter().filter(|folder| !kept.contains(folder)).collect()
}
