//! A project, its workspace on a dock, and what is kept of their past.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use dockerutils_command::Runner;

use crate::clock::Clock;
use crate::file::Lock;
use crate::listing::Item;
use crate::rsync::{Place, Rsync};
use crate::rules::Rules;
use crate::state::State;
use crate::{Error, Ignore, Tree, Workspace, file, walk};

/// A project's files, here and on a dock.
#[derive(Debug)]
pub struct Sync {
    /// The project's folder.
    pub root: PathBuf,
    /// Its folder on the dock.
    pub workspace: Workspace,
    /// Where lists for rsync and the state of the last sync are kept.
    ///
    /// The lists stay, so that an echoed command can be run again.
    pub folder: PathBuf,
    /// The file that holds the project's version, if versioneer writes one: on the dock `_version.py.bld` takes its
    /// place.
    pub version_file: Option<PathBuf>,
}

/// The project as it is here.
pub(crate) struct Here {
    pub(crate) ignore: Ignore,
    pub(crate) tree: Tree,
}

impl Sync {
    pub(crate) fn here(&self) -> Result<Here, Error> {
        let ignore = Ignore::of_project(&self.root)?;
        let tree = walk(&self.root, &ignore)?;
        Ok(Here { ignore, tree })
    }

    /// Keeps other syncs of this project with this dock away, as long as it lives: their lists and their state are the
    /// same files. A dry run touches none.
    pub(crate) fn lock(&self, runner: &Runner) -> Result<Option<Lock>, Error> {
        (!runner.is_dry_run()).then(|| file::lock(&self.file("lock"), runner)).transpose()
    }

    /// The state after the last sync.
    pub(crate) fn state(&self) -> Result<State, Error> {
        State::read(&self.file("json"), &self.root)
    }

    /// The state as it is kept.
    pub(crate) fn to_keep(&self, state: &State) -> Result<Vec<u8>, Error> {
        state.to_bytes(&self.file("json"))
    }

    /// Keeps it, whole or not at all.
    pub(crate) fn keep(&self, state: &[u8]) -> Result<(), Error> {
        file::replace(&self.file("json"), state)
    }

    /// The clock of the project's files.
    pub(crate) fn clock(&self) -> Result<Clock, Error> {
        file::make_folder(&self.folder)?;
        Ok(Clock::new(&self.root, &self.folder))
    }

    /// A file of ours for this project.
    pub(crate) fn file(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", self.workspace.project))
    }

    /// The project's contents, as an argument of rsync.
    pub(crate) fn contents(&self) -> PathBuf {
        self.root.join("")
    }

    /// A list for rsync, which a dry run only names.
    fn list(&self, kind: &str, bytes: &[u8], runner: &Runner) -> Result<PathBuf, Error> {
        let list = self.file(kind);
        if !runner.is_dry_run() {
            file::replace(&list, bytes)?;
        }
        Ok(list)
    }

    /// rsync over the whole project, without what these rules exclude.
    pub(crate) fn over_all(&self, place: Place, rules: &Rules, runner: &Runner) -> Result<Rsync<'_>, Error> {
        let list = self.list("exclude", &rules.text, runner)?;
        let rsync = Rsync::new(&self.workspace, place)?;
        Ok(rsync.args(["--recursive", "--from0", "--exclude-from"]).arg(list))
    }

    /// rsync over these files of the dock.
    pub(crate) fn over(&self, paths: &[PathBuf], runner: &Runner) -> Result<Rsync<'_>, Error> {
        let names: Vec<&[u8]> = paths.iter().map(|path| path.as_os_str().as_bytes()).collect();
        let list = self.list("files", &names.join(&0), runner)?;
        let rsync = Rsync::new(&self.workspace, Place::Needed)?;
        Ok(rsync
            .args(["--from0", "--files-from"])
            .arg(list)
            .arg(self.workspace.contents())
            .arg(self.contents()))
    }

    /// What there is on the dock, as far as the rules do not exclude it: what would come into a folder that is not there.
    pub(crate) fn list_there(&self, rules: &Rules, runner: &Runner) -> Result<Vec<Item>, Error> {
        let rsync = self.over_all(Place::Needed, rules, runner)?;
        rsync.arg(self.workspace.contents()).arg(self.file("nothing")).list(runner)
    }
}
