//! Runs rsync, or lists what it would do.

use std::ffi::OsString;

use dockerutils_command::{Command, Error as Failure, Runner};

use crate::diagnosis::{PARTIAL_TRANSFER, VANISHED_FILES, diagnose, exit_code};
use crate::listing::{self, FORMAT, Item};
use crate::overwritten::Overwritten;
use crate::progress::Progress;
use crate::remote_rsync::remote_rsync;
use crate::{Error, ProjectSync};

/// The option of rsync that names its program on the dock, which is a script of ours.
const SCRIPT_OPTION: &str = "--rsync-path=";

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
    /// Whether the workspace does not exist.
    pub(crate) is_missing: bool,
}

impl Listing {
    /// Returns the list of a workspace that does not exist.
    pub(crate) fn empty() -> Self {
        Listing { items: Vec::new(), is_complete: true, is_missing: true }
    }
}

/// An rsync command between a project and its workspace.
#[must_use = "rsync does not start before `run` or `list`"]
pub(crate) struct Rsync<'a> {
    pub(crate) sync: &'a ProjectSync,
    pub(crate) if_missing: IfMissing,
    /// What the remote shell runs in the place of rsync.
    ///
    /// So the workspace is prepared in the connection that rsync opens anyway, and a sync needs one login only.
    remote_rsync: String,
    /// The kind of the file in the state folder that holds it.
    script_kind: &'static str,
    args: Vec<OsString>,
    progress: Option<Progress<'a>>,
}

impl<'a> Rsync<'a> {
    /// Creates a command without files or folders.
    ///
    /// # Errors
    /// Fails if the workspace's path contains a NUL character.
    pub(crate) fn new(sync: &'a ProjectSync, if_missing: IfMissing) -> Result<Self, Error> {
        let remote_rsync = remote_rsync(&sync.workspace, if_missing, None)?;
        let script_kind = match if_missing {
            IfMissing::Create => "create",
            IfMissing::Fail => "require",
            IfMissing::Continue => "read",
        };
        let rsync = Rsync { sync, if_missing, remote_rsync, script_kind, args: Vec::new(), progress: None };
        // --links, --times, --compress and --protect-args. nonreg0 suppresses a line for each socket and pipe; it requires
        // rsync 3.1.
        Ok(rsync.args(["-ltzs", "--info=nonreg0"]).arg(format!("--rsh={}", sync.target.remote_shell())))
    }

    /// Makes rsync keep what it overwrites or deletes on the dock.
    ///
    /// # Errors
    /// Fails as [`new`](Self::new) does.
    pub(crate) fn keeping(mut self, overwritten: &Overwritten) -> Result<Self, Error> {
        self.remote_rsync = remote_rsync(&self.sync.workspace, self.if_missing, Some(overwritten))?;
        self.script_kind = "keep";
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

    /// Adds the option that names the script and all other arguments. The echo reads the script from a file.
    fn add_arguments(&self, rsync: Command, runner: &Runner) -> Result<Command, Error> {
        let rsync = if runner.is_dry_run() {
            rsync.arg(format!("{SCRIPT_OPTION}{}", self.remote_rsync))
        } else {
            let file = self.sync.write_list(self.script_kind, self.remote_rsync.as_bytes(), runner)?;
            rsync.arg_from_file(SCRIPT_OPTION, &self.remote_rsync, &file)
        };
        Ok(rsync.args(&self.args))
    }

    /// Runs rsync. A file that vanishes during the transfer is not a failure.
    pub(crate) fn run(&self, runner: &Runner) -> Result<(), Error> {
        let rsync = self.add_arguments(Command::new("rsync"), runner)?;
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
    /// Fails if rsync fails, except for files and folders that it cannot read: then the list is not complete. rsync's own
    /// messages are printed unless the error explains the failure.
    pub(crate) fn list(&self, runner: &Runner) -> Result<Listing, Error> {
        // rsync prints times in the local time zone, in which an hour may occur twice.
        let rsync = Command::new("env").args(["TZ=UTC0", "rsync", "--dry-run", "-ii", FORMAT]);
        let rsync = self.add_arguments(rsync, runner)?;
        let listed = runner.capture_judged(&rsync)?;
        let failed = Failure::Failed { program: "rsync".to_owned(), status: listed.status };
        let is_complete = match listed.status.code() {
            Some(0 | VANISHED_FILES) => true,
            Some(PARTIAL_TRANSFER) => false,
            _ => {
                let reason = diagnose(self, failed, runner);
                // rsync takes a script that ends with a status of ours for a lost connection.
                if matches!(reason, Error::Command(_)) {
                    listed.print_messages();
                }
                return Err(reason);
            }
        };
        listed.print_messages();
        Ok(Listing { items: listing::parse(&listed.list)?, is_complete, is_missing: false })
    }
}
