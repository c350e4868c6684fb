//! From the dock to here: what was made or changed there since the last sync. Nothing is deleted here.
//!
//! A file that is on the dock as it was at the last sync is not brought, whatever became of it here. One that was changed
//! on both sides is left as it is, unless its contents are the same after all.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;

use crate::clock::modified;
use crate::file::Lock;
use crate::ignore::Lookup;
use crate::listing::{Action, Item};
use crate::rules::Rules;
use crate::stat::stat;
use crate::state::{Stamp, State};
use crate::sync::Here;
use crate::{Error, Planned, Sync};

/// The files here.
type Files<'a> = HashMap<&'a Path, Stamp>;

/// What a sync would bring. As long as it lives, no other sync of this project with this dock begins.
#[derive(Debug)]
pub struct Plan {
    /// Files and links that come.
    pub comes: Vec<PathBuf>,
    /// Those that were changed on both sides.
    pub conflicts: Vec<PathBuf>,
    /// Whether what was changed here comes, too.
    is_forced: bool,
    state: State,
    _lock: Option<Lock>,
}

/// What is done with a file of the dock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is the same here, and was last changed then.
    Same(Stamp),
    /// It has not changed there.
    Stays,
    Comes,
    /// It was changed here too, or here was never known to be what it is there.
    Differs,
    /// Something of another kind is here in its place, or in that of a folder above it.
    IsBlocked,
}

impl Plan {
    /// What comes, to be shown.
    pub fn planned(&self) -> impl Iterator<Item = Planned> {
        self.comes.iter().map(|path| Planned { path: path.clone(), is_deleted: false })
    }
}

impl Sync {
    /// What is to be brought; with `force`, also what was changed here.
    ///
    /// # Errors
    /// The ignore file is refused, something cannot be read, the dock has no workspace, or rsync fails.
    pub fn plan_down(&self, force: bool, runner: &Runner) -> Result<Plan, Error> {
        let lock = self.lock(runner)?;
        let (Here { ignore, tree }, mut state) = (self.here()?, self.state()?);
        let mut rules = Rules::of_patterns(&ignore, &tree);
        self.versioned().into_iter().for_each(|path| rules.exclude(path));
        let items = self.list_there(&rules, runner)?;
        let files = self.files(&tree.files)?;
        let mut lookup = Lookup::new(&ignore);
        let (mut comes, mut differing, mut conflicts) = (Vec::new(), Vec::new(), Vec::new());
        for item in items.iter().filter(|item| !item.is_folder && !lookup.excludes(&item.path)) {
            match self.fate(item, &files, &state) {
                Fate::Same(stamp) => state.set(&item.path, stamp),
                Fate::Stays => {}
                Fate::Comes => comes.push(item.path.clone()),
                Fate::Differs => differing.push(item.path.clone()),
                Fate::IsBlocked => conflicts.push(item.path.clone()),
            }
        }
        conflicts.extend(self.really_different(differing, runner)?);
        conflicts.sort();
        if force {
            comes.append(&mut conflicts);
        }
        Ok(Plan { comes, conflicts, is_forced: force, state, _lock: lock })
    }

    /// Brings what was planned. What was changed here since then is left, and becomes a conflict, unless it was forced.
    ///
    /// A dry run echoes, and writes nothing.
    ///
    /// # Errors
    /// rsync fails, or the state cannot be kept.
    pub fn down(&self, plan: &mut Plan, runner: &Runner) -> Result<(), Error> {
        if runner.is_dry_run() {
            return self.bring(&plan.comes, runner);
        }
        let begin = self.clock()?.now()?;
        if !plan.is_forced {
            self.look_again(plan)?;
        }
        self.bring(&plan.comes, runner)?;
        for (path, brought) in stat(&self.root, &plan.comes).flatten() {
            // What came has the dock's time. What has a later one was changed here as soon as it had come.
            if modified(&brought) < begin {
                plan.state.set(path, Stamp::of(&brought));
            }
        }
        self.keep(&self.to_keep(&plan.state)?)
    }

    /// What has a change of its own by now does not come.
    fn look_again(&self, plan: &mut Plan) -> Result<(), Error> {
        let files = self.files(&plan.comes)?;
        let is_unchanged =
            |path: &PathBuf| self.has_place_for(path, files.get(path.as_path()), plan.state.get(path));
        let (comes, changed): (Vec<_>, Vec<_>) = plan.comes.iter().cloned().partition(is_unchanged);
        plan.comes = comes;
        plan.conflicts.extend(changed);
        plan.conflicts.sort();
        Ok(())
    }

    /// Those of the files that are here, as they are now.
    fn files<'a>(&self, paths: &'a [PathBuf]) -> Result<Files<'a>, Error> {
        stat(&self.root, paths).map(|found| found.map(|(path, stat)| (path, Stamp::of(&stat)))).collect()
    }

    fn bring(&self, paths: &[PathBuf], runner: &Runner) -> Result<(), Error> {
        if paths.is_empty() { Ok(()) } else { self.over(paths, runner)?.run(runner) }
    }

    fn fate(&self, item: &Item, files: &Files, state: &State) -> Fate {
        let (here, before) = (files.get(item.path.as_path()), state.get(&item.path));
        let is_as_there = |stamp: &Stamp| (stamp.size, stamp.time()) == (item.size, item.time.clone());
        if let Some(stamp) = here.filter(|stamp| is_as_there(stamp)) {
            Fate::Same(*stamp)
        } else if before.is_some_and(is_as_there) {
            Fate::Stays
        } else if self.has_place_for(&item.path, here, before) {
            Fate::Comes
        } else if here.is_some() {
            Fate::Differs
        } else {
            Fate::IsBlocked
        }
    }

    /// Whether nothing is lost where a file of the dock belongs: there is what was there before, or nothing, and no file
    /// or link where one of its folders does.
    fn has_place_for(&self, path: &Path, here: Option<&Stamp>, before: Option<&Stamp>) -> bool {
        let found = |path: &Path| self.root.join(path).symlink_metadata().ok();
        let is_free = if here.is_some() { here == before } else { found(path).is_none() };
        is_free && path.ancestors().skip(1).filter_map(found).all(|folder| folder.is_dir())
    }

    /// Those of which the contents differ: a file may have been touched, or checked out anew, on either side.
    fn really_different(&self, paths: Vec<PathBuf>, runner: &Runner) -> Result<Vec<PathBuf>, Error> {
        if paths.is_empty() {
            return Ok(paths);
        }
        let items = self.over(&paths, runner)?.arg("--checksum").list(runner)?;
        let different: HashSet<PathBuf> =
            items.into_iter().filter(|item| item.action == Action::Comes).map(|item| item.path).collect();
        Ok(paths.into_iter().filter(|path| different.contains(path)).collect())
    }
}
