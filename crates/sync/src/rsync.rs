//! Runs rsync, or lists what it would do.

use std::ffi::OsString;

use dockerutils_command::{Command, Error as Failure, Runner};
use dockerutils_project::Workspace;

use crate::diagnosis::{PARTIAL_TRANSFER, VANISHED_FILES, diagnose, exit_code};
use crate::listing::{self, FORMAT, Item};
use crate::overwritten::Overwritten;
use crate::progress::Progress;
use crate::remote_rsync::remote_rsync;
use crate::{Error, SshTarget};

/// Whether a missing workspace is created on the dock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMissing {
    Create,
    Fail,
    /// Continue, as if it were empty.
    Continue,
}

/// What rsync lists.
pub(crate) struct Listing {
    pub(crate) items: Vec<Item>,
    /// Whether rsync could read everything.
    pub(crate) is_complete: bool,
}

impl Listing {
    /// Returns the list of a workspace that does not exist.
    pub(crate) fn empty() -> Self {
        Listing { items: Vec::new(), is_complete: true }
    }
}

/// An rsync command between a project and its workspace.
#[must_use = "rsync does not start before `run` or `list`"]
pub(crate) struct Rsync<'a> {
    pub(crate) target: &'a SshTarget,
    pub(crate) workspace: &'a Workspace,
    pub(crate) if_missing: IfMissing,
    /// What the remote shell runs in the place of rsync.
    ///
    /// So the workspace is prepared in the connection that rsync opens anyway, and a sync needs one login only.
    remote_rsync: String,
    args: Vec<OsString>,
    progress: Option<Progress<'a>>,
}

impl<'a> Rsync<'a> {
    /// Creates a command without files or folders.
    ///
    /// # Errors
    /// Fails if the workspace's path contains a NUL character.
    pub(crate) fn new(
        target: &'a SshTarget,
        workspace: &'a Workspace,
        if_missing: IfMissing,
    ) -> Result<Self, Error> {
        let remote_rsync = remote_rsync(workspace, if_missing, None)?;
        let rsync = Rsync { target, workspace, if_missing, remote_rsync, args: Vec::new(), progress: None };
        // nonreg0 suppresses a line for each socket and pipe; it requires rsync 3.1.
        Ok(rsync
            .args(["--links", "--times", "--compress", "--protect-args", "--info=nonreg0"])
            .arg(format!("--rsh={}", target.remote_shell())))
    }

    /// Makes rsync keep what it overwrites or deletes on the dock.
    ///
    /// # Errors
    /// Fails as [`new`](Self::new) does.
    pub(crate) fn keeping(mut self, overwritten: &Overwritten) -> Result<Self, Error> {
        self.remote_rsync = remote_rsync(self.workspace, self.if_missing, Some(overwritten))?;
        Ok(self.args(overwritten.args()))
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, word: impl Into<OsString>) -> Self {
        self.args.push(word.into());
        self
    }

    /// Adds arguments.
    pub(crate) fn args<I: IntoIterator<Item: Into<OsString>>>(mut self, words: I) -> Self {
        self.args.extend(words.into_iter().map(Into::into));
        self
    }

    /// Makes `run` report its progress.
    pub(crate) fn report(mut self, progress: Option<Progress<'a>>) -> Self {
        self.progress = progress;
        if progress.is_some() { self.arg("--info=progress2") } else { self }
    }

    fn rsync_path(&self) -> String {
        format!("--rsync-path={}", self.remote_rsync)
    }

    /// Runs rsync. A file that vanishes during the transfer is not a failure.
    pub(crate) fn run(&self, runner: &Runner) -> Result<(), Error> {
        let rsync = Command::new("rsync").arg(self.rsync_path()).args(&self.args);
        let ended = match self.progress {
            Some(progress) => runner.run_observed(&rsync, |output| progress.report(output)),
            None => runner.run_stdout_to_stderr(&rsync),
        };
        match ended {
            Err(failure) if exit_code(&failure) != Some(VANISHED_FILES) => {
                Err(diagnose(self, failure, runner))
            }
            _ => Ok(()),
        }
    }

    /// Returns what rsync would do with each item, also with those that it would leave alone.
    ///
    /// # Errors
    /// Fails if rsync fails, except for files and folders that it cannot read: then the list is not complete.
    pub(crate) fn list(&self, runner: &Runner) -> Result<Listing, Error> {
        // rsync prints times in the local time zone, in which an hour may occur twice.
        let rsync = Command::new("env").args(["TZ=UTC0", "rsync", "--dry-run", "-ii", FORMAT]);
        let rsync = rsync.arg(self.rsync_path()).args(&self.args);
        let (list, status) = runner.capture_list_and_status(&rsync)?;
        let is_complete = match status.code() {
            Some(0 | VANISHED_FILES) => true,
            Some(PARTIAL_TRANSFER) => false,
            _ => return Err(diagnose(self, Failure::Failed { program: "rsync".to_owned(), status }, runner)),
        };
        Ok(Listing { items: listing::parse(&list)?, is_complete })
    }
}
