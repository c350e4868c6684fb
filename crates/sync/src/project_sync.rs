//! A project, its workspace on a dock, and the files that keep the state between syncs.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;
use dockerutils_project::Workspace;

use crate::atomic_write::{create_private_folder, replace_file};
use crate::filter::Filter;
use crate::fs_clock::FsClock;
use crate::guarded;
use crate::lock::{Lock, acquire_lock};
use crate::overwritten::FOLDER as OVERWRITTEN;
use crate::remote_rsync::RECORD;
use crate::rsync::{IfMissing, Rsync};
use crate::state::State;
use crate::{Error, Ignore, SshTarget, Tree, VersionFile, walk};

/// The files of a project on this machine and on a dock.
#[derive(Debug)]
pub struct ProjectSync {
    /// The dock.
    pub target: SshTarget,
    /// The arguments with which `sync-up` and `sync-down` use this workspace, for the remedies in messages.
    pub arguments: String,
    /// The project's folder on this machine and on the dock.
    pub workspace: Workspace,
    /// The folder that holds the state of the last sync and the lists that rsync reads.
    ///
    /// The lists are not removed after a sync, so that an echoed rsync command can be pasted and run again.
    pub state_folder: PathBuf,
    /// The folder on this machine that keeps what `sync-down --force` overwrites.
    pub backup_folder: PathBuf,
    /// The project's version file, if it uses versioneer.
    pub version_file: Option<VersionFile>,
}

/// The project's files on this machine.
#[derive(Debug)]
pub(crate) struct LocalFiles {
    pub(crate) ignore: Ignore,
    pub(crate) tree: Tree,
}

impl ProjectSync {
    /// Reads the ignore file and walks the project, without the user's secrets if the project contains the home folder.
    pub(crate) fn scan_local(&self) -> Result<LocalFiles, Error> {
        let ignore = Ignore::of_project(&self.workspace.root)?.with_last(self.workspace.secrets())?;
        // Somebody may have copied a workspace as a whole.
        let ignore = ignore.with_last(&[RECORD, OVERWRITTEN])?;
        let ignore = ignore.with_last(guarded::patterns(&self.workspace.root))?;
        let tree = walk(&self.workspace.root, &ignore)?;
        Ok(LocalFiles { ignore, tree })
    }

    /// Excludes other syncs of this project with this dock until the lock is dropped, because all of them write the same
    /// lists and the same state. A dry run writes neither and takes no lock.
    pub(crate) fn lock(&self, runner: &Runner) -> Result<Option<Lock>, Error> {
        (!runner.is_dry_run()).then(|| acquire_lock(&self.state_path("lock"), runner)).transpose()
    }

    /// Reads the state of the last sync.
    pub(crate) fn read_state(&self) -> Result<State, Error> {
        State::read(&self.state_path("json"), &self.workspace.root)
    }

    /// Replaces the state of the last sync.
    pub(crate) fn save(&self, state: &State) -> Result<(), Error> {
        let path = self.state_path("json");
        replace_file(&path, &state.to_bytes(&path)?)
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

    /// Writes a list for rsync and returns its path.
    ///
    /// A dry run also writes its lists, so that its lines can be pasted. It takes no lock, so they have names of their own.
    pub(crate) fn write_list(&self, kind: &str, bytes: &[u8], runner: &Runner) -> Result<PathBuf, Error> {
        let prefix = if runner.is_dry_run() { "dry-run." } else { "" };
        let list = self.state_path(&format!("{prefix}{kind}"));
        replace_file(&list, bytes)?;
        Ok(list)
    }

    /// Returns an rsync command over the whole project except what the filter excludes.
    pub(crate) fn rsync_project(
        &self,
        if_missing: IfMissing,
        filter: &Filter,
        runner: &Runner,
    ) -> Result<Rsync<'_>, Error> {
        // The record of the workspace's owner and what was overwritten exist on the dock only, and must stay there.
        let ours = format!("- /{RECORD}\0- /{OVERWRITTEN}\0");
        let list = self.write_list("exclude", &[ours.as_bytes(), &filter.text[..]].concat(), runner)?;
        let rsync = Rsync::new(self, if_missing)?;
        Ok(rsync.args(["--recursive", "--from0", "--exclude-from"]).arg(list))
    }

    /// Returns an rsync command, without source and destination, for these paths.
    pub(crate) fn rsync_files<'a>(
        &self,
        paths: impl IntoIterator<Item = &'a Path>,
        if_missing: IfMissing,
        runner: &Runner,
    ) -> Result<Rsync<'_>, Error> {
        let names: Vec<Vec<u8>> = paths.into_iter().map(list_name).collect();
        let list = self.write_list("files", &names.join(&0), runner)?;
        let rsync = Rsync::new(self, if_missing)?;
        Ok(rsync.args(["--from0", "--files-from"]).arg(list))
    }
}

/// Returns a path as it stands in the list of `--files-from`, where a line that begins with `#` or `;` is a comment.
fn list_name(path: &Path) -> Vec<u8> {
    let name = path.as_os_str().as_bytes();
    if name.starts_with(b"#") || name.starts_with(b";") { [b"./", name].concat() } else { name.to_vec() }
}
