//! A project, its workspace on a dock, and the files that keep the state between syncs.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use dockerutils_command::Runner;
use dockerutils_project::Workspace;

use crate::atomic_write::{create_private_folder, replace_file};
use crate::filter::Filter;
use crate::fs_clock::FsClock;
use crate::listing::Item;
use crate::lock::{Lock, acquire_lock};
use crate::rsync::{IfMissing, Rsync};
use crate::state::State;
use crate::{Error, Ignore, SshTarget, Tree, VersionFile, walk};

/// The files of a project on this machine and on a dock.
#[derive(Debug)]
pub struct ProjectSync {
    /// The dock.
    pub target: SshTarget,
    /// The project's folder on this machine and on the dock.
    pub workspace: Workspace,
    /// The folder that holds the state of the last sync and the lists that rsync reads.
    ///
    /// The lists are not removed after a sync, so that an echoed rsync command can be pasted and run again.
    pub state_folder: PathBuf,
    /// The project's version file, if it uses versioneer.
    pub version_file: Option<VersionFile>,
}

/// The project's files on this machine.
pub(crate) struct LocalFiles {
    pub(crate) ignore: Ignore,
    pub(crate) tree: Tree,
}

impl ProjectSync {
    /// Reads the ignore file and walks the project, without the user's secrets if the project contains the home folder.
    pub(crate) fn scan_local(&self) -> Result<LocalFiles, Error> {
        let ignore = Ignore::of_project(&self.workspace.root)?.with_last(self.workspace.secrets())?;
        let tree = walk(&self.workspace.root, &ignore)?;
        Ok(LocalFiles { ignore, tree })
    }

    /// Excludes other syncs of this project with this dock until the lock is dropped, because all of them write the same
    /// lists and the same state. A dry run writes none of them and takes no lock.
    pub(crate) fn lock(&self, runner: &Runner) -> Result<Option<Lock>, Error> {
        (!runner.is_dry_run()).then(|| acquire_lock(&self.state_path("lock"), runner)).transpose()
    }

    /// Reads the state of the last sync.
    pub(crate) fn read_state(&self) -> Result<State, Error> {
        State::read(&self.state_path("json"), &self.workspace.root)
    }

    /// Encodes a state for [`write_state`](Self::write_state).
    pub(crate) fn encode_state(&self, state: &State) -> Result<Vec<u8>, Error> {
        state.to_bytes(&self.state_path("json"))
    }

    /// Replaces the state of the last sync.
    pub(crate) fn write_state(&self, state: &[u8]) -> Result<(), Error> {
        replace_file(&self.state_path("json"), state)
    }

    /// Returns the clock that stamps the project's files.
    pub(crate) fn clock(&self) -> Result<FsClock, Error> {
        create_private_folder(&self.state_folder)?;
        Ok(FsClock::new(&self.workspace.root, &self.state_folder))
    }

    /// Returns the path of one of this project's files in the state folder.
    pub(crate) fn state_path(&self, kind: &str) -> PathBuf {
        self.state_folder.join(format!("{}.{kind}", self.workspace.name()))
    }

    /// Returns the argument with which rsync addresses the project's contents: a path with a slash at its end.
    pub(crate) fn local_contents(&self) -> PathBuf {
        self.workspace.root.join("")
    }

    /// Returns the argument with which rsync addresses the workspace's contents.
    pub(crate) fn remote_contents(&self) -> String {
        format!("{}:{}/", self.target.host, self.workspace.path)
    }

    /// Writes a list for rsync and returns its path. A dry run only returns the path.
    fn write_list(&self, kind: &str, bytes: &[u8], runner: &Runner) -> Result<PathBuf, Error> {
        let list = self.state_path(kind);
        if !runner.is_dry_run() {
            replace_file(&list, bytes)?;
        }
        Ok(list)
    }

    /// Returns an rsync command over the whole project except what the filter excludes.
    pub(crate) fn rsync_project(
        &self,
        if_missing: IfMissing,
        filter: &Filter,
        runner: &Runner,
    ) -> Result<Rsync<'_>, Error> {
        let list = self.write_list("exclude", &filter.text, runner)?;
        let rsync = Rsync::new(&self.target, &self.workspace, if_missing)?;
        Ok(rsync.args(["--recursive", "--from0", "--exclude-from"]).arg(list))
    }

    /// Returns an rsync command that fetches these files from the dock.
    pub(crate) fn rsync_files(&self, paths: &[PathBuf], runner: &Runner) -> Result<Rsync<'_>, Error> {
        let names: Vec<&[u8]> = paths.iter().map(|path| path.as_os_str().as_bytes()).collect();
        let list = self.write_list("files", &names.join(&0), runner)?;
        let rsync = Rsync::new(&self.target, &self.workspace, IfMissing::Fail)?;
        Ok(rsync
            .args(["--from0", "--files-from"])
            .arg(list)
            .arg(self.remote_contents())
            .arg(self.local_contents()))
    }

    /// Lists the files and folders on the dock that the filter does not exclude.
    pub(crate) fn list_remote(&self, filter: &Filter, runner: &Runner) -> Result<Vec<Item>, Error> {
        let rsync = self.rsync_project(IfMissing::Fail, filter, runner)?;
        // The target does not exist, so rsync would transfer, and thus lists, every file with its size and time. Against
        // the project, it would leave out the files that are equal.
        rsync.arg(self.remote_contents()).arg(self.state_path("nothing")).list(runner)
    }
}
