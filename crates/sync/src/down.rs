//! Fetches what was created or changed on a dock since the last sync. Nothing is deleted locally.
//!
//! A file that has not changed on the dock is not fetched, whatever happened to it locally. A file that changed on both
//! sides is a conflict and left alone, unless both now have the same contents.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;

use crate::exclusions::Exclusions;
use crate::filter::Filter;
use crate::fs_clock::modified_at;
use crate::listing::{Action, Item};
use crate::lock::Lock;
use crate::metadata::stat_files;
use crate::project_sync::LocalFiles;
use crate::state::{Stamp, State};
use crate::{Error, PlannedChange, ProjectSync};

/// The stamps of local files.
type Stamps<'a> = HashMap<&'a Path, Stamp>;

/// The files that a sync will fetch. While the plan exists, no other sync of this project with this dock starts.
#[derive(Debug)]
pub struct DownPlan {
    /// The files and symbolic links to fetch.
    pub fetched: Vec<PathBuf>,
    /// The files and symbolic links that changed on both sides.
    pub conflicts: Vec<PathBuf>,
    /// Whether files that changed locally are overwritten.
    is_forced: bool,
    state: State,
    _lock: Option<Lock>,
}

/// How a file on the dock is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resolution {
    /// It equals the local file, whose stamp becomes part of the state.
    Equal(Stamp),
    /// It has not changed on the dock, so the local file is newer or equal.
    KeepLocal,
    Fetch,
    /// It also changed locally, or the two were never known to be equal: the contents decide.
    CompareContents,
    /// Something of another kind is in its place, or in that of a folder above it.
    Blocked,
}

impl DownPlan {
    /// Returns the planned transfers for display.
    pub fn changes(&self) -> impl Iterator<Item = PlannedChange> {
        self.fetched.iter().map(|path| PlannedChange { path: path.clone(), is_deleted: false })
    }
}

impl ProjectSync {
    /// Decides which files to fetch. With `force`, conflicting files are fetched too.
    ///
    /// # Errors
    /// Fails if the ignore file is invalid, a file or folder cannot be read, the dock has no workspace, or rsync fails.
    pub fn plan_down(&self, force: bool, runner: &Runner) -> Result<DownPlan, Error> {
        let lock = self.lock(runner)?;
        let (LocalFiles { ignore, tree }, mut state) = (self.scan_local()?, self.read_state()?);
        let mut filter = Filter::of_patterns(&ignore, &tree);
        // What is there is the version that `up` has staged, whether the local files still exist or not.
        if let Some(version_file) = self.version_file.as_ref().filter(|file| file.is_contained()) {
            filter.exclude(&version_file.source);
        }
        let items = self.list_remote(&filter, runner)?;
        let local = self.local_stamps(&tree.files)?;
        let mut exclusions = Exclusions::new(&ignore);
        let (mut fetched, mut differing, mut conflicts) = (Vec::new(), Vec::new(), Vec::new());
        for item in items.iter().filter(|item| !item.is_folder && !exclusions.is_excluded(&item.path)) {
            match self.resolve(item, &local, &state) {
                Resolution::Equal(stamp) => state.set(&item.path, stamp),
                Resolution::KeepLocal => {}
                Resolution::Fetch => fetched.push(item.path.clone()),
                Resolution::CompareContents => differing.push(item.path.clone()),
                Resolution::Blocked => conflicts.push(item.path.clone()),
            }
        }
        conflicts.extend(self.with_different_contents(differing, runner)?);
        conflicts.sort();
        if force {
            fetched.append(&mut conflicts);
        }
        Ok(DownPlan { fetched, conflicts, is_forced: force, state, _lock: lock })
    }

    /// Fetches the planned files. A file that changed locally since the plan was made becomes a conflict, unless the plan
    /// is forced.
    ///
    /// A dry run echoes the command and does not change the state of the last sync.
    ///
    /// # Errors
    /// Fails if rsync fails, or if the state cannot be written.
    pub fn down(&self, plan: &mut DownPlan, runner: &Runner) -> Result<(), Error> {
        if runner.is_dry_run() {
            return self.fetch(&plan.fetched, runner);
        }
        let begin = self.clock()?.now()?;
        if !plan.is_forced {
            self.drop_changed(plan)?;
        }
        self.fetch(&plan.fetched, runner)?;
        for (path, fetched) in stat_files(&self.workspace.root, &plan.fetched).flatten() {
            // rsync gives a file the time that it has on the dock. A later time means that it was changed locally right
            // after its arrival, and then it must not count as equal.
            if modified_at(&fetched) < begin {
                plan.state.set(path, Stamp::of(&fetched));
            }
        }
        self.write_state(&self.encode_state(&plan.state)?)
    }

    /// Turns the files that have changed locally since the plan was made into conflicts.
    fn drop_changed(&self, plan: &mut DownPlan) -> Result<(), Error> {
        let local = self.local_stamps(&plan.fetched)?;
        let is_unchanged =
            |path: &PathBuf| self.can_overwrite(path, local.get(path.as_path()), plan.state.get(path));
        let (fetched, changed): (Vec<_>, Vec<_>) = plan.fetched.iter().cloned().partition(is_unchanged);
        plan.fetched = fetched;
        plan.conflicts.extend(changed);
        plan.conflicts.sort();
        Ok(())
    }

    /// Returns the current stamps of the local files that exist.
    fn local_stamps<'a>(&self, paths: &'a [PathBuf]) -> Result<Stamps<'a>, Error> {
        let found = stat_files(&self.workspace.root, paths);
        found.map(|found| found.map(|(path, stat)| (path, Stamp::of(&stat)))).collect()
    }

    fn fetch(&self, paths: &[PathBuf], runner: &Runner) -> Result<(), Error> {
        if paths.is_empty() {
            return Ok(());
        }
        self.rsync_files(paths, runner)?.run(runner)
    }

    fn resolve(&self, item: &Item, local: &Stamps, state: &State) -> Resolution {
        let (local, last_equal) = (local.get(item.path.as_path()), state.get(&item.path));
        // rsync lists whole seconds: two versions of one size from the same second count as equal.
        let equals_item = |stamp: &Stamp| stamp.size == item.size && stamp.rsync_time() == item.time;
        if let Some(stamp) = local.filter(|stamp| equals_item(stamp)) {
            Resolution::Equal(*stamp)
        } else if last_equal.is_some_and(equals_item) {
            Resolution::KeepLocal
        } else if self.can_overwrite(&item.path, local, last_equal) {
            Resolution::Fetch
        } else if local.is_some() {
            Resolution::CompareContents
        } else {
            Resolution::Blocked
        }
    }

    /// Returns whether a fetched file can take its place without loss: the local file is as in the state or does not
    /// exist, and no file or symbolic link is in the place of one of its folders.
    fn can_overwrite(&self, path: &Path, local: Option<&Stamp>, last_equal: Option<&Stamp>) -> bool {
        let found = |path: &Path| self.workspace.root.join(path).symlink_metadata().ok();
        // Without a stamp, the path can still exist: as a folder, as a socket, or as a file created after the walk.
        let is_free = if local.is_some() { local == last_equal } else { found(path).is_none() };
        is_free && path.ancestors().skip(1).filter_map(found).all(|folder| folder.is_dir())
    }

    /// Returns the paths whose contents differ. A `touch` or a fresh checkout on either side changes only the time.
    fn with_different_contents(&self, paths: Vec<PathBuf>, runner: &Runner) -> Result<Vec<PathBuf>, Error> {
        if paths.is_empty() {
            return Ok(paths);
        }
        let items = self.rsync_files(&paths, runner)?.arg("--checksum").list(runner)?;
        let transferred = items.into_iter().filter(|item| item.action == Action::Transfer);
        let different: HashSet<PathBuf> = transferred.map(|item| item.path).collect();
        Ok(paths.into_iter().filter(|path| different.contains(path)).collect())
    }
}
