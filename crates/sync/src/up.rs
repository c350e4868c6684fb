//! Sends a project to its workspace on a dock.
//!
//! Differing files on the dock are overwritten. Only `--delete` removes what no longer exists locally, and never what the
//! ignore file excludes.

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread;

use dockerutils_command::Runner;

use crate::exclusions::Exclusions;
use crate::filter::Filter;
use crate::fs_clock::{Timestamp, changed_at};
use crate::listing::Action;
use crate::metadata::stat_files;
use crate::project_sync::LocalFiles;
use crate::rsync::{IfMissing, Rsync};
use crate::state::{Stamp, State};
use crate::{Error, PlannedChange, ProjectSync, Tree};

impl ProjectSync {
    /// Sends the new and changed files. With `delete`, removes from the dock what no longer exists locally.
    ///
    /// A dry run echoes the command and does not change the state of the last sync.
    ///
    /// # Errors
    /// Fails if the ignore file is invalid, a file or folder cannot be read, or rsync fails.
    pub fn up(&self, delete: bool, runner: &Runner) -> Result<(), Error> {
        if runner.is_dry_run() {
            return self.rsync_up(&self.scan_local()?, delete, IfMissing::Create, runner)?.run(runner);
        }
        let _lock = self.lock(runner)?;
        let clock = self.clock()?;
        let begin = clock.now()?;
        let local = self.scan_local()?;
        let rsync = self.rsync_up(&local, delete, IfMissing::Create, runner)?;
        // From the next tick on, a file that changes while rsync runs has a later timestamp than one that changed before.
        let transfer_start = clock.wait_for_tick_after(begin)?;
        // Reading the metadata of all files takes a while in a large project, so it is done while rsync runs.
        let state = thread::scope(|scope| {
            let rsync = scope.spawn(|| rsync.run(runner));
            let state = self
                .state_after(&local.tree, delete, transfer_start)
                .and_then(|state| self.encode_state(&state));
            rsync.join().unwrap_or_else(|panic| resume_unwind(panic)).and(state)
        })?;
        self.write_state(&state)
    }

    /// Returns the state after these files were sent.
    fn state_after(&self, tree: &Tree, delete: bool, transfer_start: Timestamp) -> Result<State, Error> {
        let mut state = self.read_state()?;
        // Without `delete`, a file that no longer exists locally is still on the dock, and its stamp stays valid.
        if delete {
            state.retain(&tree.files);
        }
        for found in stat_files(&self.workspace.root, &tree.files) {
            let (path, stat) = found?;
            // rsync may have sent a file that changed since either before or after the change. Its old stamp is kept,
            // so that it counts as changed locally.
            if changed_at(&stat) < transfer_start {
                state.set(path, Stamp::of(&stat));
            }
        }
        Ok(state)
    }

    /// Returns what [`up`](Self::up) would change on the dock, as rsync's dry run lists it.
    ///
    /// # Errors
    /// Fails as `up` does.
    pub fn plan_up(&self, delete: bool, runner: &Runner) -> Result<Vec<PlannedChange>, Error> {
        let _lock = self.lock(runner)?;
        let local = self.scan_local()?;
        let items = self.rsync_up(&local, delete, IfMissing::Continue, runner)?.list(runner)?;
        let changes = items.into_iter().filter(|item| match item.action {
            Action::Transfer => !item.is_folder,
            Action::Delete => true,
            Action::Keep => false,
        });
        Ok(changes
            .map(|item| PlannedChange { path: item.path, is_deleted: item.action == Action::Delete })
            .collect())
    }

    fn rsync_up(
        &self,
        local: &LocalFiles,
        delete: bool,
        if_missing: IfMissing,
        runner: &Runner,
    ) -> Result<Rsync<'_>, Error> {
        let mut filter = Filter::of_tree(&local.ignore, &local.tree);
        if delete && !filter.is_complete {
            self.protect_remote_only(&mut filter, local, runner)?;
        }
        let rsync = self.rsync_project(if_missing, &filter, runner)?.args(delete.then_some("--delete"));
        // Of two sources with the same path, rsync takes the first: the built version wins over the project's file.
        let staged = self.stage_version(runner)?;
        Ok(rsync.args(staged).arg(self.local_contents()).arg(self.remote_contents()))
    }

    /// Returns the folder that holds the built version, if the project has one; a dry run does not fill it.
    fn stage_version(&self, runner: &Runner) -> Result<Option<PathBuf>, Error> {
        let version_file = self.version_file.as_ref().filter(|file| file.is_contained());
        let Some(version_file) = version_file.filter(|file| file.is_built(&self.workspace.root)) else {
            return Ok(None);
        };
        let stage = self.state_path("version");
        if !runner.is_dry_run() {
            version_file.stage(&self.workspace.root, &stage)?;
        }
        Ok(Some(stage.join("")))
    }

    /// Excludes, one by one, the paths on the dock that patterns without a rule exclude, so that `--delete` spares them.
    fn protect_remote_only(
        &self,
        filter: &mut Filter,
        local: &LocalFiles,
        runner: &Runner,
    ) -> Result<(), Error> {
        let remote_only = self.list_remote_only(filter, runner)?;
        let mut exclusions = Exclusions::new(&local.ignore);
        for path in remote_only.iter().filter(|path| exclusions.is_excluded(path)) {
            filter.exclude(path);
        }
        Ok(())
    }

    /// Lists the paths that exist only on the dock, except those that the filter excludes.
    fn list_remote_only(&self, filter: &Filter, runner: &Runner) -> Result<Vec<PathBuf>, Error> {
        let items = match self.list_remote(filter, runner) {
            Err(Error::WorkspaceMissing { .. }) => Vec::new(),
            items => items?,
        };
        let exists = |path: &PathBuf| self.workspace.root.join(path).symlink_metadata().is_ok();
        Ok(items.into_iter().map(|item| item.path).filter(|path| !exists(path)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use dockerutils_command::Command;
    use dockerutils_project::Workspace;
    use tempfile::tempdir;

    use super::*;
    use crate::{Ignore, SshTarget, walk};

    #[test]
    fn a_file_that_changes_during_the_transfer_keeps_its_old_stamp() {
        let temp = tempdir().unwrap();
        let sync = ProjectSync {
            target: SshTarget {
                dock: String::new(),
                user: String::new(),
                destination: String::new(),
                host: String::new(),
                ssh: Command::new("ssh"),
            },
            workspace: Workspace {
                root: temp.path().join("project"),
                base: String::new(),
                path: "/project".to_owned(),
            },
            state_folder: temp.path().join("state"),
            version_file: None,
        };
        let root = &sync.workspace.root;
        fs::create_dir(root).unwrap();
        let write = |name: &str, text: &str| fs::write(root.join(name), text).unwrap();
        let clock = sync.clock().unwrap();
        // Returns the sizes in the state after a sync during which one file changed.
        let sizes_after_sync = |changed: &str, delete| {
            let transfer_start = clock.wait_for_tick_after(clock.now().unwrap()).unwrap();
            let tree = walk(root, &Ignore::default()).unwrap();
            write(changed, "during transfer!!");
            let state = sync.state_after(&tree, delete, transfer_start).unwrap();
            sync.write_state(&sync.encode_state(&state).unwrap()).unwrap();
            ["same", "other", "gone"].map(|name| state.get(Path::new(name)).map(|stamp| stamp.size))
        };
        ["same", "other", "gone"].iter().for_each(|name| write(name, "1"));
        assert_eq!(sizes_after_sync("other", false), [Some(1), None, Some(1)]);
        write("other", "22");
        assert_eq!(sizes_after_sync("same", false), [Some(1), Some(2), Some(1)]);
        fs::remove_file(root.join("gone")).unwrap();
        assert_eq!(sizes_after_sync("other", false), [Some(17), Some(2), Some(1)]);
        assert_eq!(sizes_after_sync("same", true), [Some(17), Some(17), None]);
    }
}
