//! Compares a project with its workspace on a dock.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;

use crate::change::Verdict;
use crate::comparison::{Comparison, Versions};
use crate::exclusions::Exclusions;
use crate::filter::Filter;
use crate::listing::{Item, Kind};
use crate::metadata::stat_files;
use crate::project_sync::LocalFiles;
use crate::reference::write_reference;
use crate::rsync::{IfMissing, Listing};
use crate::rsync_version::check_local_rsync;
use crate::state::State;
use crate::version::Version;
use crate::{Error, ProjectSync};

impl ProjectSync {
    /// Compares the project with its workspace. `skips` selects paths that are not compared; what is below a local folder
    /// that cannot be read is not compared either, and keeps its state.
    pub(crate) fn compare(
        &self,
        skips: impl Fn(&Path) -> bool,
        if_missing: IfMissing,
        runner: &Runner,
    ) -> Result<Comparison, Error> {
        let (files, state) = (self.scan_local()?, self.read_state()?);
        let versions = self.local_versions(&files.tree.files)?;
        let unreadable = files.tree.unreadable.clone();
        let skips = |path: &Path| skips(path) || unreadable.iter().any(|folder| path.starts_with(folder));
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
            is_first: listing.is_missing,
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
            write_reference(
                &reference,
                &self.workspace.root,
                stamps.iter().map(|(path, stamp)| (path.as_path(), *stamp)),
            )?;
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
        if !is_precise && !comparison.state.rounds_times && unclear.iter().any(is_touched) {
            // To an older rsync, no two times are equal.
            check_local_rsync(runner)?;
            comparison.state.rounds_times = true;
        }
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
