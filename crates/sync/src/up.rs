//! From here to the dock. What is on the dock is overwritten; only `--delete` removes what is not here any more, and
//! never what the ignore file excludes.

use std::fmt;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread;

use dockerutils_command::{Runner, quote};

use crate::clock::{Time, touched};
use crate::ignore::Lookup;
use crate::listing::Action;
use crate::rsync::{Place, Rsync};
use crate::rules::Rules;
use crate::stat::stat;
use crate::state::{Stamp, State};
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
    /// A dry run echoes, and writes nothing: what was not sent is not known to be there.
    ///
    /// # Errors
    /// The ignore file is refused, something cannot be read, or rsync fails.
    pub fn up(&self, delete: bool, runner: &Runner) -> Result<(), Error> {
        if runner.is_dry_run() {
            return self.rsync_up(&self.here()?, delete, Place::Made, runner)?.run(runner);
        }
        let _lock = self.lock(runner)?;
        let clock = self.clock()?;
        let begin = clock.now()?;
        let here = self.here()?;
        let rsync = self.rsync_up(&here, delete, Place::Made, runner)?;
        // By then, what was changed before we began can be told from what is changed from now on.
        let sent_from = clock.after(begin)?;
        // The files are asked for their times while rsync runs.
        let state = thread::scope(|scope| {
            let rsync = scope.spawn(|| rsync.run(runner));
            let state =
                self.state_after(&here.tree, delete, sent_from).and_then(|state| self.to_keep(&state));
            rsync.join().unwrap_or_else(|panic| resume_unwind(panic)).and(state)
        })?;
        self.keep(&state)
    }

    /// What is known when these files have been sent. What is no longer here is still there, unless it is deleted.
    ///
    /// A file that was changed since rsync began may have been sent as it is or as it was: nothing new is known of it.
    fn state_after(&self, tree: &Tree, delete: bool, sent_from: Time) -> Result<State, Error> {
        let mut state = self.state()?;
        if delete {
            state.forget_all_but(&tree.files);
        }
        for found in stat(&self.root, &tree.files) {
            let (path, stat) = found?;
            if touched(&stat) < sent_from {
                state.set(path, Stamp::of(&stat));
            }
        }
        Ok(state)
    }

    /// What [`up`](Self::up) would do now, as rsync tells it.
    ///
    /// # Errors
    /// As for `up`.
    pub fn plan_up(&self, delete: bool, runner: &Runner) -> Result<Vec<Planned>, Error> {
        let _lock = self.lock(runner)?;
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
        let rsync = self.over_all(place, &rules, runner)?.args(delete.then_some("--delete"));
        let staged = self.stage_version(runner)?;
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use dockerutils_command::Command;
    use tempfile::tempdir;

    use super::*;
    use crate::{Ignore, Workspace, walk};

    #[test]
    fn what_changes_while_it_is_sent_stays_as_it_was_known() {
        let temp = tempdir().unwrap();
        let sync = Sync {
            root: temp.path().join("project"),
            workspace: Workspace {
                dock: String::new(),
                user: String::new(),
                destination: String::new(),
                host: String::new(),
                ssh: Command::new("ssh"),
                base: String::new(),
                owner: String::new(),
                project: "project".to_owned(),
            },
            folder: temp.path().join("kept"),
            version_file: None,
        };
        fs::create_dir(&sync.root).unwrap();
        let write = |name: &str, text: &str| fs::write(sync.root.join(name), text).unwrap();
        let clock = sync.clock().unwrap();
        // What is known of the files when they were sent, one having been changed meanwhile.
        let sent = |changed: &str, delete| {
            let sent_from = clock.after(clock.now().unwrap()).unwrap();
            let tree = walk(&sync.root, &Ignore::default()).unwrap();
            write(changed, "while it was sent");
            let state = sync.state_after(&tree, delete, sent_from).unwrap();
            sync.keep(&sync.to_keep(&state).unwrap()).unwrap();
            ["same", "other", "gone"].map(|name| state.get(Path::new(name)).map(|stamp| stamp.size))
        };
        ["same", "other", "gone"].iter().for_each(|name| write(name, "1"));
        assert_eq!(sent("other", false), [Some(1), None, Some(1)]);
        write("other", "22");
        assert_eq!(sent("same", false), [Some(1), Some(2), Some(1)]);
        fs::remove_file(sync.root.join("gone")).unwrap();
        assert_eq!(sent("other", false), [Some(17), Some(2), Some(1)]);
        assert_eq!(sent("same", true), [Some(17), Some(17), None]);
    }
}
