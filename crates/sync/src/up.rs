//! Sends a project to its workspace on a dock.
//!
//! What changed on the dock since the last sync is left alone. `--force` overwrites what changed on both sides, and keeps
//! a backup. `--delete` removes what was once equal on both sides and no longer exists locally.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::Local;
use dockerutils_command::Runner;

use crate::compare::{Comparison, Versions};
use crate::comparison::{Change, Difference, any_folder_above};
use crate::filter::Filter;
use crate::fs_clock::{Timestamp, changed_at};
use crate::guarded::{is_git, is_git_index};
use crate::lock::Lock;
use crate::metadata::stat_files;
use crate::rsync::{IfMissing, Rsync};
use crate::state::State;
use crate::version::Version;
use crate::{Error, PlannedChange, ProjectSync};

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
    /// What is sent without being new: folders, modes, times.
    adjusted: Vec<PathBuf>,
    options: UpOptions,
    comparison: Comparison,
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
        paths.retain(|path| !is_git(path) && self.comparison.version_file.as_ref() != Some(path));
        paths.sort();
        paths
    }

    fn new(comparison: Comparison, options: UpOptions, lock: Option<Lock>) -> Self {
        let mut plan = UpPlan {
            sent: Vec::new(),
            bytes: 0,
            deleted: Vec::new(),
            newer: Vec::new(),
            remote_only: Vec::new(),
            conflicts: Vec::new(),
            other_kinds: Vec::new(),
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
        plan.bytes =
            plan.sent.iter().filter_map(|path| plan.comparison.versions.get(path)).map(Version::size).sum();
        plan
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

impl ProjectSync {
    /// Decides what to send and delete. A missing workspace counts as empty, and is not created.
    ///
    /// # Errors
    /// Fails if the ignore file is invalid, a local file or folder cannot be read, or rsync fails.
    pub fn plan_up(&self, options: UpOptions, runner: &Runner) -> Result<UpPlan, Error> {
        self.plan_up_if(options, IfMissing::Continue, runner)
    }

    fn plan_up_if(
        &self,
        options: UpOptions,
        if_missing: IfMissing,
        runner: &Runner,
    ) -> Result<UpPlan, Error> {
        let lock = self.lock(runner)?;
        let comparison = self.compare(|_| false, if_missing, runner)?;
        Ok(UpPlan::new(comparison, options, lock))
    }

    /// Sends the new and changed files, and returns what was done and left.
    ///
    /// A dry run echoes the commands and does not change the state of the last sync.
    ///
    /// # Errors
    /// Fails as [`plan_up`](Self::plan_up) does, or with [`Error::Partial`] if some files cannot be written on the dock.
    pub fn up(&self, options: UpOptions, runner: &Runner) -> Result<UpPlan, Error> {
        let mut plan = self.plan_up_if(options, IfMissing::Create, runner)?;
        match self.execute(&mut plan, runner) {
            // Some files have arrived, and only a new comparison shows which.
            Err(Error::Partial) if !runner.is_dry_run() => {
                let state = self.compare(|_| false, IfMissing::Fail, runner)?.state;
                self.save(&state)?;
                Err(Error::Partial)
            }
            Err(error) => Err(error),
            Ok(()) => Ok(plan),
        }
    }

    fn execute(&self, plan: &mut UpPlan, runner: &Runner) -> Result<(), Error> {
        let paths: Vec<PathBuf> = plan.sent.iter().chain(&plan.adjusted).cloned().collect();
        if runner.is_dry_run() {
            return self.send(&paths, plan.options.force, runner);
        }
        let clock = self.clock()?;
        let begin = clock.now()?;
        for path in &paths {
            if let Some(version) = plan.comparison.versions.get(path) {
                plan.comparison.state.add_pending(path, version.clone());
            }
        }
        if !paths.is_empty() {
            self.save(&plan.comparison.state)?;
        }
        if plan.comparison.has_other_root_mode {
            self.send_root_mode(runner)?;
        }
        if !plan.deleted.is_empty() {
            self.delete_remote(&plan.deleted, runner)?;
        }
        if !paths.is_empty() {
            // From the next tick on, a file that changes while rsync runs has a later timestamp than one that changed before.
            let transfer_start = clock.wait_for_tick_after(begin)?;
            self.send(&paths, plan.options.force, runner)?;
            self.record_sent(&mut plan.comparison.state, &plan.comparison.versions, &paths, transfer_start)?;
        }
        self.send_version(&plan.comparison, runner)?;
        plan.deleted.iter().for_each(|path| plan.comparison.state.remove(path));
        self.save(&plan.comparison.state)
    }

    fn send(&self, paths: &[PathBuf], with_backup: bool, runner: &Runner) -> Result<(), Error> {
        let rsync = self.rsync_files(paths.iter().map(PathBuf::as_path), IfMissing::Create, runner)?;
        // What is sent has been decided, whatever rsync concludes from times and sizes.
        let rsync = rsync.args(["--perms", "--ignore-times"]);
        let time = Local::now().format("%Y-%m-%d_%H.%M.%S");
        let folder = format!("--backup-dir={}.backup/{time}", self.workspace.path);
        let rsync = if with_backup { rsync.arg("--backup").arg(folder) } else { rsync };
        rsync.arg(self.local_contents()).arg(self.remote_contents()).run(runner)
    }

    /// Gives the workspace's folder the mode of the project's, which may keep others out.
    fn send_root_mode(&self, runner: &Runner) -> Result<(), Error> {
        let rsync = Rsync::new(&self.target, &self.workspace, IfMissing::Create)?;
        let rsync = rsync.args(["--dirs", "--perms", "--exclude=*"]);
        rsync.arg(self.local_contents()).arg(self.remote_contents()).run(runner)
    }

    /// Sends the built version, if the dock does not have it.
    fn send_version(&self, comparison: &Comparison, runner: &Runner) -> Result<(), Error> {
        let (Some(file), Some(path)) = (&self.version_file, &comparison.version_file) else { return Ok(()) };
        if comparison.has_built_version || !comparison.files.tree.files.contains(path) {
            return Ok(());
        }
        let stage = self.state_path("version");
        file.stage(&self.workspace.root, &stage)?;
        let filter = Filter::of_tree(&comparison.files.ignore, &comparison.files.tree);
        let rsync = self.rsync_project(IfMissing::Fail, &filter, runner)?.args(["--perms", "--ignore-times"]);
        rsync.arg(stage.join("")).arg(self.remote_contents()).run(runner)
    }

    /// Records the files that were sent as equal on both sides.
    fn record_sent(
        &self,
        state: &mut State,
        planned: &Versions,
        paths: &[PathBuf],
        transfer_start: Timestamp,
    ) -> Result<(), Error> {
        state.clear_pending();
        for found in stat_files(&self.workspace.root, paths) {
            let (path, stat) = found?;
            let Some(version) = Version::of(&self.workspace.root.join(path), &stat) else { continue };
            if changed_at(&stat) < transfer_start {
                state.set(path, version);
            } else {
                // rsync may have sent it either before or after the change.
                planned.get(path).into_iter().for_each(|sent| state.add_pending(path, sent.clone()));
                state.add_pending(path, version);
            }
        }
        Ok(())
    }
}
