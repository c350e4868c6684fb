//! Fetches what was created or changed on a dock since the last sync. Nothing is deleted locally, and nothing is fetched
//! that a program would run or obey although the user did not start it on purpose: repositories, setuid programs.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use chrono::Local;
use dockerutils_command::Runner;

use crate::atomic_write::create_private_folder;
use crate::change::{Change, Difference, any_folder_above, matches};
use crate::comparison::Comparison;
use crate::fs_clock::{Timestamp, modified_at};
use crate::guarded::{bare_repository, is_in_repository, is_run_by_itself};
use crate::listing::Item;
use crate::lock::Lock;
use crate::metadata::stat_files;
use crate::progress::{OnProgress, Progress};
use crate::rsync::IfMissing;
use crate::state::State;
use crate::version::Version;
use crate::{Error, PlannedChange, ProjectSync};

/// The permissions that nothing gets that comes from a dock: setuid, setgid, and write access of others.
const SAFE_MODES: &str = "--chmod=ug-s,go-w";

/// The files that a sync will fetch. While the plan exists, no other sync of this project with this dock starts.
#[derive(Debug)]
pub struct DownPlan {
    /// The files and symbolic links to fetch; after the sync, those that arrived.
    pub fetched: Vec<PathBuf>,
    /// The files and symbolic links that changed on both sides.
    pub conflicts: Vec<PathBuf>,
    /// The files that are left alone because a folder is in their place on the other side.
    pub other_kinds: Vec<PathBuf>,
    /// Whether everything on the dock could be read.
    pub is_complete: bool,
    /// Whether files that changed locally are overwritten.
    is_forced: bool,
    comparison: Comparison,
    /// The files to fetch, as the dock has them.
    items: Vec<Item>,
    _lock: Option<Lock>,
}

impl DownPlan {
    /// Returns the planned transfers for display.
    pub fn changes(&self) -> impl Iterator<Item = PlannedChange> {
        self.fetched.iter().map(|path| PlannedChange { path: path.clone(), is_deleted: false })
    }

    /// Returns why not everything was compared or fetched; `None` if it was.
    pub fn shortfall(&self) -> Option<Error> {
        self.comparison.shortfall(self.is_complete)
    }

    /// Returns the planned files that programs run or obey by themselves, and the links that lead out of the project.
    pub fn risky(&self) -> Vec<PathBuf> {
        let leads_out =
            |item: &&Item| item.target.as_ref().is_some_and(|target| leads_out(&item.path, target));
        let links = self.items.iter().filter(leads_out).map(|item| &item.path);
        let is_run = |path: &&PathBuf| is_run_by_itself(path) || self.is_in_bare_repository(path);
        let mut risky: Vec<PathBuf> = self.fetched.iter().filter(is_run).chain(links).cloned().collect();
        risky.retain(|path| self.fetched.contains(path));
        risky
    }

    fn is_in_bare_repository(&self, path: &Path) -> bool {
        let exists = |path: &PathBuf| {
            self.fetched.binary_search(path).is_ok() || self.comparison.versions.contains_key(path)
        };
        bare_repository(path).is_some_and(|folder| exists(&folder.join("HEAD")))
    }

    fn add(&mut self, Difference { path, change, remote }: Difference, can_replace: bool) {
        let list = match change {
            Change::Remote if remote.is_some() => &mut self.fetched,
            Change::Both if self.is_forced => &mut self.fetched,
            Change::Both => &mut self.conflicts,
            Change::RemoteFile if self.is_forced && can_replace => &mut self.fetched,
            Change::RemoteFile => &mut self.other_kinds,
            // The files in that folder are named.
            _ => return,
        };
        self.items.extend(remote);
        list.push(path);
    }
}

impl ProjectSync {
    /// Decides which files to fetch. With `force`, files that changed on both sides are fetched too.
    ///
    /// # Errors
    /// Fails if the ignore file is invalid, the root or a local file cannot be read, the dock has no workspace, or rsync
    /// fails.
    pub fn plan_down(&self, force: bool, runner: &Runner) -> Result<DownPlan, Error> {
        let lock = self.lock(runner)?;
        // On the dock, the version file is what `up` has staged, whether the local files still exist or not.
        let version_file = self.version_file.as_ref().filter(|file| file.is_contained());
        let is_version = |path: &Path| version_file.is_some_and(|file| file.source == path);
        let mut comparison =
            self.compare(|path| is_in_repository(path) || is_version(path), IfMissing::Fail, runner)?;
        let differences = std::mem::take(&mut comparison.differences);
        let mut plan = DownPlan {
            fetched: Vec::new(),
            conflicts: Vec::new(),
            other_kinds: Vec::new(),
            is_complete: comparison.is_complete,
            is_forced: force,
            comparison,
            items: Vec::new(),
            _lock: lock,
        };
        for difference in differences {
            let can_replace = !self.workspace.root.join(&difference.path).is_dir();
            plan.add(difference, can_replace);
        }
        for paths in [&mut plan.fetched, &mut plan.conflicts, &mut plan.other_kinds] {
            paths.sort();
        }
        Ok(plan)
    }

    /// Fetches the planned files. A file that changed locally since the plan was made becomes a conflict, unless the plan
    /// is forced.
    ///
    /// A dry run echoes the command and does not change the state of the last sync.
    ///
    /// # Errors
    /// Fails if rsync fails, or if the state cannot be written. Files that cannot be read on the dock make the plan
    /// incomplete; the others arrive.
    pub fn down(
        &self,
        plan: &mut DownPlan,
        on_progress: Option<&OnProgress>,
        runner: &Runner,
    ) -> Result<(), Error> {
        if runner.is_dry_run() {
            return self.fetch(plan, None, runner);
        }
        let begin = self.clock()?.now()?;
        if !plan.is_forced {
            self.drop_changed(plan)?;
        }
        match self.fetch(plan, on_progress, runner) {
            Err(Error::Partial) => plan.is_complete = false,
            fetched => fetched?,
        }
        self.record_fetched(plan, begin);
        self.save(&plan.comparison.state)
    }

    /// Records the files that arrived as equal on both sides. Those that did not come, because they have vanished on the dock
    /// or could not be read there, are no longer listed.
    fn record_fetched(&self, plan: &mut DownPlan, begin: Timestamp) {
        let items: HashMap<&Path, &Item> =
            plan.items.iter().map(|item| (item.path.as_path(), item)).collect();
        let mut came = Vec::new();
        for (path, stat) in stat_files(&self.workspace.root, &plan.fetched).flatten() {
            let version = Version::of(&self.workspace.root.join(path), &stat);
            let Some(version) = version else { continue };
            let is_planned = items.get(path).is_some_and(|item| matches(item, &version));
            // What changed on the dock after the comparison came in another version.
            if is_planned || plan.comparison.versions.get(path) != Some(&version) {
                came.push(path.to_owned());
            }
            if !is_planned {
                continue;
            }
            // rsync gives a file the time that it has on the dock. A later time means that it was changed locally right
            // after its arrival, and then it must not count as equal.
            if modified_at(&stat) < begin {
                plan.comparison.state.set(path, version);
            }
        }
        plan.fetched = came;
    }

    /// Turns the files that have changed locally since the plan was made into conflicts.
    fn drop_changed(&self, plan: &mut DownPlan) -> Result<(), Error> {
        let current = self.local_versions(&plan.fetched)?;
        let is_unchanged =
            |path: &PathBuf| self.can_overwrite(path, current.get(path), &plan.comparison.state);
        let (fetched, changed): (Vec<_>, Vec<_>) = plan.fetched.iter().cloned().partition(is_unchanged);
        plan.fetched = fetched;
        plan.conflicts.extend(changed);
        plan.conflicts.sort();
        Ok(())
    }

    /// Returns whether a fetched file can take its place without loss: the local file is as in the state or does not
    /// exist, and no file or symbolic link that changed is in the place of one of its folders.
    fn can_overwrite(&self, path: &Path, now: Option<&Version>, state: &State) -> bool {
        let found = |path: &Path| self.workspace.root.join(path).symlink_metadata().ok();
        // Without a version, the path can still exist: as a folder, as a socket, or as a file created after the walk.
        let is_free = if now.is_some() { now == state.get(path) } else { found(path).is_none() };
        let blocks = |folder: &Path| {
            let is_unchanged =
                || state.get(folder).is_some_and(|base| self.current_version(folder).as_ref() == Some(base));
            found(folder).is_some_and(|found| !found.is_dir()) && !is_unchanged()
        };
        is_free && !any_folder_above(path, blocks)
    }

    fn fetch(&self, plan: &DownPlan, on_progress: Option<&OnProgress>, runner: &Runner) -> Result<(), Error> {
        if plan.fetched.is_empty() {
            return Ok(());
        }
        let rsync = self.rsync_files(plan.fetched.iter().map(PathBuf::as_path), IfMissing::Fail, runner)?;
        // Existing files keep their modes, except that programs stay programs; new ones get the modes that the user's
        // other files have.
        let fetched = plan.items.iter().filter(|item| plan.fetched.binary_search(&item.path).is_ok());
        let total = fetched.map(|item| item.size).sum();
        let progress = on_progress.map(|on_progress| Progress { on_progress, total });
        let rsync = rsync.args(["--executability", SAFE_MODES, "--ignore-times"]).report(progress);
        if !plan.is_forced {
            return rsync.arg(self.remote_contents()).arg(self.local_contents()).run(runner);
        }
        let time = Local::now().format("%Y-%m-%d_%H.%M.%S").to_string();
        let backups = self.backup_folder.join(self.workspace.name()).join(time);
        if !runner.is_dry_run() {
            // Two processes of rsync make backups, and fail if both create their folder at the same moment.
            create_private_folder(&backups)?;
        }
        let mut folder = OsString::from("--backup-dir=");
        folder.push(&backups);
        let rsync = rsync.arg("--backup").arg(folder);
        let fetched = rsync.arg(self.remote_contents()).arg(self.local_contents()).run(runner);
        // It is empty if nothing was overwritten, and only then it is removed.
        let _ = fs::remove_dir(&backups);
        fetched
    }
}

/// Returns whether a link at `path` leads out of the project.
fn leads_out(path: &Path, target: &Path) -> bool {
    let mut depth = path.components().count().cast_signed() - 1;
    target.is_absolute()
        || target.components().any(|part| {
            depth += if part == Component::ParentDir { -1 } else { 1 };
            depth < 0
        })
}
