//! Compares a project with its workspace on a dock.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;

use crate::comparison::{Change, Difference, Local, Verdict, any_folder_above, judge, matches};
use crate::exclusions::Exclusions;
use crate::filter::Filter;
use crate::guarded::is_git_index;
use crate::listing::{Item, Kind};
use crate::metadata::stat_files;
use crate::project_sync::LocalFiles;
use crate::reference::write_reference;
use crate::rsync::{IfMissing, Listing};
use crate::state::State;
use crate::version::Version;
use crate::{Error, ProjectSync};

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
}

impl ProjectSync {
    /// Compares the project with its workspace. `skips` selects paths that are not compared.
    pub(crate) fn compare(
        &self,
        skips: impl Fn(&Path) -> bool,
        if_missing: IfMissing,
        runner: &Runner,
    ) -> Result<Comparison, Error> {
        let (files, state) = (self.scan_local()?, self.read_state()?);
        let versions = self.local_versions(&files.tree.files)?;
        let listing = self.list_remote(&files, &versions, &state, if_missing, runner)?;
        let mut comparison = Comparison {
            files,
            versions,
            state,
            differences: Vec::new(),
            to_adjust: Vec::new(),
            has_other_root_mode: false,
            version_file: self.built_version()?.map(|(source, _)| source),
            has_built_version: false,
            is_complete: listing.is_complete,
        };
        self.compare_items(&mut comparison, &listing.items, skips, runner)?;
        Ok(comparison)
    }

    /// Returns the versions of the local files that exist.
    pub(crate) fn local_versions(&self, paths: &[PathBuf]) -> Result<Versions, Error> {
        let root = &self.workspace.root;
        let mut versions = Versions::with_capacity(paths.len());
        for found in stat_files(root, paths) {
            let (path, stat) = found?;
            if let Some(version) = Version::of(&root.join(path), &stat) {
                versions.insert(path.to_owned(), version);
            }
        }
        Ok(versions)
    }

    /// Returns the version of one local file or link.
    pub(crate) fn current_version(&self, path: &Path) -> Option<Version> {
        self.local_versions(&[path.to_owned()]).ok()?.remove(path)
    }

    /// Lists the files and folders on the dock, compared with what they were after the last sync.
    fn list_remote(
        &self,
        files: &LocalFiles,
        versions: &Versions,
        state: &State,
        if_missing: IfMissing,
        runner: &Runner,
    ) -> Result<Listing, Error> {
        let filter = Filter::of_tree(&files.ignore, &files.tree);
        let reference = self.state_path("reference");
        if !runner.is_dry_run() {
            let changed = state.iter().filter(|(path, version)| versions.get(path) != Some(*version));
            let mut stamps: Vec<_> =
                changed.filter_map(|(path, version)| Some((path, version.stamp()?))).collect();
            if let Some((source, built)) = self.built_version()? {
                stamps.retain(|(path, _)| *path != source);
                stamps.push((source, built));
            }
            write_reference(&reference, stamps.iter().map(|(path, stamp)| (path.as_path(), *stamp)))?;
        }
        let rsync = self.rsync_project(if_missing, &filter, runner)?;
        // A negative window makes rsync compare nanoseconds.
        let rsync = rsync.args(["--perms", "--modify-window=-1", "--compare-dest"]).arg(&self.workspace.root);
        match rsync.arg(self.remote_contents()).arg(reference.join("")).list(runner) {
            Err(Error::WorkspaceMissing { .. }) if if_missing == IfMissing::Continue => Ok(Listing::empty()),
            listed => listed,
        }
    }

    fn compare_items(
        &self,
        comparison: &mut Comparison,
        items: &[Item],
        skips: impl Fn(&Path) -> bool,
        runner: &Runner,
    ) -> Result<(), Error> {
        let ignore = comparison.files.ignore.clone();
        let mut exclusions = Exclusions::new(&ignore);
        let root = Path::new(".");
        let (mut folders, mut others) = (Vec::new(), Vec::new());
        for item in items {
            if item.path != root && (exclusions.is_excluded(&item.path) || skips(&item.path)) {
                continue;
            }
            if item.kind == Kind::Folder { folders.push(item) } else { others.push(item) }
        }
        self.judge_files(comparison, &others, runner)?;
        let on_dock: HashSet<&Path> = others.iter().map(|item| item.path.as_path()).collect();
        let filled: HashSet<&Path> = items.iter().filter_map(|item| item.path.parent()).collect();
        comparison.add_missing(|path| skips(path) || on_dock.contains(path), &filled);
        comparison.adjust_folders(&folders);
        comparison.drop_below_remote_files();
        comparison.state.clear_pending();
        if comparison.is_complete {
            comparison.forget_unless(|path| skips(path) || on_dock.contains(path));
        }
        Ok(())
    }

    /// Judges the files and links on the dock.
    fn judge_files(
        &self,
        comparison: &mut Comparison,
        items: &[&Item],
        runner: &Runner,
    ) -> Result<(), Error> {
        let (mut unclear, mut is_precise) = (Vec::new(), false);
        for item in items {
            if comparison.version_file.as_ref() == Some(&item.path) {
                comparison.has_built_version = item.is_same;
                continue;
            }
            is_precise |= item.is_same && comparison.has_nanoseconds(&item.path);
            match comparison.judge(&self.workspace.root, item) {
                Verdict::Equal => comparison.set_equal(item),
                Verdict::Replaced => {}
                Verdict::Differs(change) => comparison.add(item, change),
                verdict => unclear.push((*item, verdict)),
            }
        }
        comparison.state.rounds_times &= !is_precise;
        if comparison.state.rounds_times {
            unclear.retain(|(item, verdict)| {
                !(*verdict == Verdict::SameSecond && comparison.accept_same_second(item))
            });
        }
        let different =
            self.with_different_contents(unclear.iter().map(|(item, _)| item.path.as_path()), runner)?;
        let is_touched = |(item, verdict): &(&Item, Verdict)| {
            *verdict == Verdict::SameSecond
                && comparison.is_unchanged(&item.path)
                && !different.contains(&item.path)
        };
        comparison.state.rounds_times |= !is_precise && unclear.iter().any(is_touched);
        for (item, verdict) in unclear {
            if verdict == Verdict::SameSecond
                && comparison.state.rounds_times
                && comparison.accept_same_second(item)
            {
                continue;
            }
            comparison.decide(item, different.contains(&item.path));
        }
        Ok(())
    }

    /// Returns those of the paths whose contents differ, or that exist on the dock only. A `touch` or a fresh checkout on
    /// either side changes only the time.
    fn with_different_contents<'a>(
        &self,
        paths: impl Iterator<Item = &'a Path>,
        runner: &Runner,
    ) -> Result<HashSet<PathBuf>, Error> {
        let mut different: HashSet<PathBuf> = paths.map(Path::to_owned).collect();
        if different.is_empty() {
            return Ok(different);
        }
        let mut paths: Vec<&PathBuf> = different.iter().collect();
        paths.sort();
        let rsync = self.rsync_files(paths.into_iter().map(PathBuf::as_path), IfMissing::Fail, runner)?;
        let rsync = rsync.arg("--checksum").arg(self.remote_contents()).arg(self.local_contents());
        // A file that cannot be read is not in the list, so only those count as equal that are.
        for item in rsync.list(runner)?.items.into_iter().filter(|item| !item.is_transferred) {
            different.remove(&item.path);
        }
        Ok(different)
    }
}

impl Comparison {
    fn judge(&mut self, root: &Path, item: &Item) -> Verdict {
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
    fn is_unchanged(&self, path: &Path) -> bool {
        self.versions.get(path).is_some_and(|version| self.state.get(path) == Some(version))
    }

    fn has_nanoseconds(&self, path: &Path) -> bool {
        let version = self.state.get(path).or_else(|| self.versions.get(path));
        version.and_then(Version::stamp).is_some_and(|stamp| stamp.nanoseconds != 0)
    }

    fn add(&mut self, item: &Item, change: Change) {
        self.differences.push(Difference { path: item.path.clone(), change, remote: Some(item.clone()) });
    }

    fn set_equal(&mut self, item: &Item) {
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
    fn accept_same_second(&mut self, item: &Item) -> bool {
        match self.versions.contains_key(&item.path) {
            false => self.add(item, Change::DeletedLocally),
            true if !self.is_unchanged(&item.path) => self.add(item, Change::Local),
            true => {}
        }
        true
    }

    /// Judges a file whose contents were compared.
    fn decide(&mut self, item: &Item, is_different: bool) {
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
    fn add_missing(&mut self, is_known: impl Fn(&Path) -> bool, filled: &HashSet<&Path>) {
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

    fn adjust_folders(&mut self, folders: &[&Item]) {
        let on_dock: HashMap<&Path, &Item> =
            folders.iter().map(|item| (item.path.as_path(), *item)).collect();
        let differs = |path: &Path| on_dock.get(path).is_none_or(|item| item.has_other_mode);
        self.has_other_root_mode = differs(Path::new("."));
        self.to_adjust.extend(self.files.tree.folders.iter().filter(|path| differs(path)).cloned());
    }

    /// Drops what cannot be sent, because something that changed on the dock is in the place of a folder above it.
    fn drop_below_remote_files(&mut self) {
        let changes = self.differences.iter().filter(|difference| difference.change == Change::RemoteFile);
        let blocking: HashSet<PathBuf> = changes.map(|difference| difference.path.clone()).collect();
        let is_blocked = |path: &Path| any_folder_above(path, |folder| blocking.contains(folder));
        self.differences.retain(|it| it.change != Change::Local || !is_blocked(&it.path));
        self.to_adjust.retain(|path| !blocking.contains(path) && !is_blocked(path));
    }

    /// Removes from the state what exists neither locally nor on the dock.
    fn forget_unless(&mut self, is_known: impl Fn(&Path) -> bool) {
        let paths: Vec<PathBuf> = self.state.iter().map(|(path, _)| path).collect();
        for path in paths.iter().filter(|path| !is_known(path) && !self.versions.contains_key(*path)) {
            self.state.remove(path);
        }
    }
}
