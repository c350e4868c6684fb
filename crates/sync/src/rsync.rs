//! Runs rsync, or lists what it would do, and diagnoses its failures.

use std::ffi::OsString;

use dockerutils_command::{Command, Error as Failure, Runner};
use dockerutils_project::Workspace;
use dockerutils_ssh::remote_command;

use crate::listing::{self, FORMAT, Item};
use crate::{Error, SshTarget};

/// Exit statuses of the script that prepares the workspace: EX_CANTCREAT and EX_OSFILE of sysexits.h, and the shell's own
/// for a missing program. rsync itself uses none of them.
const NOT_CREATED: i32 = 73;
const MISSING: i32 = 72;
const NO_RSYNC: i32 = 127;

/// Exit statuses of rsync: the remote rsync did not start, some files failed, some files vanished.
/// <https://download.samba.org/pub/rsync/rsync.1#EXIT_VALUES>
const PROTOCOL_ERROR: i32 = 12;
const PARTIAL_TRANSFER: i32 = 23;
const VANISHED_FILES: i32 = 24;

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
    target: &'a SshTarget,
    workspace: &'a Workspace,
    if_missing: IfMissing,
    args: Vec<OsString>,
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
        let rsync = Rsync { target, workspace, if_missing, args: Vec::new() };
        // rsync runs the value of `--rsync-path` in the remote shell, so the workspace is prepared in the connection that
        // rsync opens anyway, and a sync needs one login only.
        let remote_rsync = match rsync.preparation()? {
            Some(preparation) => format!("{preparation} && rsync"),
            None => "rsync".to_owned(),
        };
        // nonreg0 suppresses a line for each socket and pipe; it requires rsync 3.1.
        Ok(rsync
            .args(["--links", "--times", "--compress", "--protect-args", "--info=nonreg0"])
            .arg(format!("--rsh={}", target.remote_shell()))
            .arg(format!("--rsync-path={remote_rsync}")))
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

    /// Runs rsync. A file that vanishes during the transfer is not a failure.
    pub(crate) fn run(&self, runner: &Runner) -> Result<(), Error> {
        match runner.run_stdout_to_stderr(&Command::new("rsync").args(&self.args)) {
            Err(failure) if exit_code(&failure) != Some(VANISHED_FILES) => {
                Err(self.diagnose(failure, runner))
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
        let rsync =
            Command::new("env").args(["TZ=UTC0", "rsync", "--dry-run", "-ii", FORMAT]).args(&self.args);
        let (list, status) = runner.capture_list_and_status(&rsync)?;
        let is_complete = match status.code() {
            Some(0 | VANISHED_FILES) => true,
            Some(PARTIAL_TRANSFER) => false,
            _ => return Err(self.diagnose(Failure::Failed { program: "rsync".to_owned(), status }, runner)),
        };
        Ok(Listing { items: listing::parse(&list)?, is_complete })
    }

    /// Finds out why rsync failed, if its exit status leaves that open.
    fn diagnose(&self, failure: Failure, runner: &Runner) -> Error {
        match exit_code(&failure) {
            Some(PARTIAL_TRANSFER) => Error::Partial,
            // rsync seldom passes on the exit status of the remote shell, so the same checks run once more, without it.
            Some(PROTOCOL_ERROR | MISSING | NOT_CREATED | NO_RSYNC) => match self.check_dock(runner) {
                Ok(()) if exit_code(&failure) == Some(NO_RSYNC) => {
                    Failure::NotFound { program: "rsync".to_owned() }.into()
                }
                Ok(()) => failure.into(),
                Err(reason) => reason,
            },
            _ => failure.into(),
        }
    }

    /// Checks through ssh that the dock has the workspace and rsync.
    fn check_dock(&self, runner: &Runner) -> Result<(), Error> {
        let find_rsync = format!("command -v rsync || exit {NO_RSYNC}");
        let script = match self.preparation()? {
            Some(preparation) => format!("{preparation} && {{ {find_rsync}; }}"),
            None => find_rsync,
        };
        let SshTarget { ssh, destination, dock, user, .. } = self.target;
        let (path, dock) = (self.workspace.path.clone(), dock.clone());
        let Err(failure) = runner.capture(&ssh.clone().args(["--", destination, &script])) else {
            return Ok(());
        };
        Err(match exit_code(&failure) {
            Some(NOT_CREATED) => {
                let folder = self.workspace.user_folder();
                Error::WorkspaceNotCreated { path, dock, folder, user: user.clone() }
            }
            Some(MISSING) => Error::WorkspaceMissing { path, dock },
            Some(NO_RSYNC) => Error::RsyncMissing { dock },
            _ => failure.into(),
        })
    }

    /// Returns the shell commands that create or require the workspace.
    fn preparation(&self) -> Result<Option<String>, Error> {
        let folder = remote_command([self.workspace.path.as_str()]).map_err(|_| Error::NulInProjectName)?;
        Ok(match self.if_missing {
            IfMissing::Create => Some(format!("mkdir -p {folder} || exit {NOT_CREATED}")),
            IfMissing::Fail | IfMissing::Continue => Some(format!("test -d {folder} || exit {MISSING}")),
        })
    }
}

fn exit_code(failure: &Failure) -> Option<i32> {
    match failure {
        Failure::Failed { status, .. } => status.code(),
        _ => None,
    }
}
