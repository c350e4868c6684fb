//! Sends a project to its workspace on a dock.
//!
//! What changed on the dock since the last sync is left alone. `--force` overwrites what changed on both sides, and keeps
//! a backup, as every sync does of what changed on the dock after the comparison. `--delete` removes what was once equal on both sides and no longer exists locally.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;

use crate::comparison::{Comparison, Versions};
use crate::filter::Filter;
use crate::fs_clock::{Timestamp, changed_at};
use crate::metadata::stat_files;
use crate::overwritten::Overwritten;
use crate::progress::{OnProgress, Progress};
use crate::rsync::{IfMissing, Rsync};
use crate::state::State;
use crate::version::Version;
use crate::{Error, ProjectSync, UpOptions, UpPlan};

impl ProjectSync {
    /// Decides what to send and delete. A missing workspace counts as empty, and is not created.
    ///
    /// # Errors
    /// Fails if the ignore file is invalid, the root or a local file cannot be read, or rsync fails.
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
    /// Fails as [`plan_up`](Self::plan_up) does. Files that cannot be read here or written on the dock make the plan
    /// incomplete; the others arrive.
    pub fn up(
        &self,
        options: UpOptions,
        on_progress: Option<&OnProgress>,
        runner: &Runner,
    ) -> Result<UpPlan, Error> {
        let plan = self.prepare_up(options, runner)?;
        self.execute_up(plan, on_progress, runner)
    }

    /// Decides what to send and delete, and creates a missing workspace: the first half of [`up`](Self::up), after which
    /// the dock has responded.
    ///
    /// # Errors
    /// Fails as [`plan_up`](Self::plan_up) does.
    pub fn prepare_up(&self, options: UpOptions, runner: &Runner) -> Result<UpPlan, Error> {
        self.plan_up_if(options, IfMissing::Create, runner)
    }

    /// Does what was planned, and returns what was done and left: the second half of [`up`](Self::up).
    ///
    /// # Errors
    /// Fails as [`up`](Self::up) does.
    pub fn execute_up(
        &self,
        mut plan: UpPlan,
        on_progress: Option<&OnProgress>,
        runner: &Runner,
    ) -> Result<UpPlan, Error> {
        self.execute(&mut plan, on_progress, runner)?;
        if !runner.is_dry_run() {
            // What has vanished here meanwhile was not sent.
            plan.sent.retain(|path| self.workspace.root.join(path).symlink_metadata().is_ok());
            plan.bytes = plan.size_of_sent();
        }
        Ok(plan)
    }

    fn execute(
        &self,
        plan: &mut UpPlan,
        on_progress: Option<&OnProgress>,
        runner: &Runner,
    ) -> Result<(), Error> {
        let paths: Vec<PathBuf> = plan.sent.iter().chain(&plan.adjusted).cloned().collect();
        let progress = on_progress.map(|on_progress| Progress { on_progress, total: plan.bytes });
        let overwritten = Overwritten::new(plan.options.force);
        if runner.is_dry_run() {
            return self.send(&paths, &overwritten, None, runner);
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
            plan.is_complete &= is_complete(self.send_root_mode(runner))?;
        }
        if !plan.deleted.is_empty() {
            let ignore = &plan.comparison.files.ignore;
            let deletion = self.delete_remote(&plan.deleted, ignore, &overwritten, runner);
            plan.note_kept(&deletion, &overwritten);
            plan.is_complete &= is_complete(deletion)?;
        }
        if !paths.is_empty() {
            // From the next tick on, a file that changes while rsync runs has a later timestamp than one that changed before.
            let transfer_start = clock.wait_for_tick_after(begin)?;
            let sending = self.send(&paths, &overwritten, progress, runner);
            plan.note_kept(&sending, &overwritten);
            plan.is_complete &= is_complete(sending)?;
            self.record_sent(&mut plan.comparison.state, &plan.comparison.versions, &paths, transfer_start)?;
        }
        plan.is_complete &= is_complete(self.send_version(&plan.comparison, runner))?;
        if !plan.is_complete {
            return self.keep_what_arrived(plan, runner);
        }
        plan.deleted.iter().for_each(|path| plan.comparison.state.remove(path));
        self.save(&plan.comparison.state)
    }

    /// Compares again after a sync that was not complete, because only that shows what has arrived.
    fn keep_what_arrived(&self, plan: &mut UpPlan, runner: &Runner) -> Result<(), Error> {
        let found = self.compare(|_| false, IfMissing::Fail, runner)?;
        self.save(&found.state)?;
        let missing: HashSet<&Path> = found.differences.iter().map(|it| it.path.as_path()).collect();
        let planned = plan.sent.len() + plan.deleted.len();
        plan.sent.retain(|path| !missing.contains(path.as_path()));
        plan.deleted.retain(|path| !missing.contains(path.as_path()));
        plan.is_complete = plan.kept.is_some() && plan.sent.len() + plan.deleted.len() == planned;
        plan.bytes = plan.size_of_sent();
        Ok(())
    }

    fn send(
        &self,
        paths: &[PathBuf],
        overwritten: &Overwritten,
        progress: Option<Progress>,
        runner: &Runner,
    ) -> Result<(), Error> {
        let rsync = self.rsync_files(paths.iter().map(PathBuf::as_path), IfMissing::Fail, runner)?;
        // What is sent has been decided, whatever rsync concludes from times and sizes.
        let rsync = rsync.args(["--perms", "--ignore-times"]).keeping(overwritten)?.report(progress);
        rsync.arg(self.local_contents()).arg(self.remote_contents()).run(runner)
    }

    /// Gives the workspace's folder the mode of the project's, which may keep others out.
    fn send_root_mode(&self, runner: &Runner) -> Result<(), Error> {
        let rsync = Rsync::new(self, IfMissing::Fail)?;
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

/// Returns whether rsync has certainly transferred everything.
fn is_complete(result: Result<(), Error>) -> Result<bool, Error> {
    match result {
        Err(Error::Partial | Error::Kept) => Ok(false),
        result => result.map(|()| true),
    }
}
