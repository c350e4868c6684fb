//! From here to the dock. What is on the dock is overwritten; only `--delete` removes what is not here any more, and
//! never what the ignore file excludes.

use std::fmt;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread;

use dockerutils_command::{Runner, quote};

use crate::ignore::Lookup;
use crate::listing::Action;
use crate::rsync::{Place, Rsync};
use crate::rules::Rules;
use crate::state::State;
use crate::sync::Here;
use crate::{Error, Sync, Tree};

/// Something that a sync would do, shown on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The path of a file or link; with `is_deleted` also of a folder.
    pub path: PathBuf,
    /// Whether it is deleted; else it is sent, or brought.
    pub is_deleted: bool,
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let path = self.path.to_string_lossy();
        let path =
            if path.contains(char::is_control) { quote(self.path.as_os_str()) } else { path.into_owned() };
        write!(f, "{}{path}", if self.is_deleted { "deleting " } else { "" })
    }
}

impl Sync {
    /// Sends what is new or changed here; with `delete`, removes on the dock what is not here any more.
    ///
    /// # Errors
    /// The ignore file is refused, something cannot be read, or rsync fails.
    pub fn up(&self, delete: bool, runner: &Runner) -> Result<(), Error> {
        let here = self.here()?;
        let rsync = self.rsync_up(&here, delete, Place::Made, runner)?;
        // The state is made while rsync runs, from what was seen before: what changes meanwhile counts as changed.
        let state = thread::scope(|scope| {
            let state = scope.spawn(|| self.state_after(&here.tree, delete));
            rsync.run(runner)?;
            state.join().unwrap_or_else(|panic| resume_unwind(panic))
        })?;
        self.keep(&state)
    }

    /// What is known when these files have been sent. What is no longer here is still there, unless it is deleted.
    fn state_after(&self, tree: &Tree, delete: bool) -> Result<State, Error> {
        let mut state = if delete { State::of(&self.root) } else { self.state()? };
        tree.files.iter().for_each(|(path, stamp)| state.set(path, *stamp));
        Ok(state)
    }

    /// What [`up`](Self::up) would do now, as rsync tells it.
    ///
    /// # Errors
    /// As for `up`.
    pub fn plan_up(&self, delete: bool, runner: &Runner) -> Result<Vec<Planned>, Error> {
        let items = self.rsync_up(&self.here()?, delete, Place::Any, runner)?.list(runner)?;
        let does_something = items.into_iter().filter(|item| match item.action {
            Action::Comes => !item.is_folder,
            Action::Goes => true,
            Action::Stays => false,
        });
        Ok(does_something
            .map(|item| Planned { path: item.path, is_deleted: item.action == Action::Goes })
            .collect())
    }

    fn rsync_up(&self, here: &Here, delete: bool, place: Place, runner: &Runner) -> Result<Rsync<'_>, Error> {
        let mut rules = Rules::new(&here.ignore, &here.tree);
        if delete && !rules.are_complete {
            let only_there = self.only_there(&rules, runner)?;
            let mut lookup = Lookup::new(&here.ignore);
            let spared = only_there.iter().map(PathBuf::as_path).filter(|path| lookup.excludes(path));
            spared.for_each(|path| rules.exclude(path));
        }
        let rsync = self.over_all(place, &rules)?.args(delete.then_some("--delete"));
        let staged = self.stage_version()?;
        Ok(rsync.args(staged).arg(self.contents()).arg(self.workspace.contents()))
    }

    /// What is on the dock and not here, as far as the rules do not exclude it.
    fn only_there(&self, rules: &Rules, runner: &Runner) -> Result<Vec<PathBuf>, Error> {
        let items = match self.list_there(rules, runner) {
            Err(Error::NotThere { .. }) => Vec::new(),
            items => items?,
        };
        let is_here = |path: &PathBuf| self.root.join(path).symlink_metadata().is_ok();
        Ok(items.into_iter().map(|item| item.path).filter(|path| !is_here(path)).collect())
    }
}
