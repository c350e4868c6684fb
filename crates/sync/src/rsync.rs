//! rsync, run or asked what it would do.
//!
//! The workspace is looked for, or made, by the connection that rsync itself makes. Times are asked for in UTC.

use std::ffi::OsString;

use dockerutils_command::{Command, Error as Failure, Runner};

use crate::listing::{self, FORMAT, Item};
use crate::{Error, Workspace};

/// What the dock's shell ends with when the workspace cannot be made, when it is not there, and when there is no rsync.
const CANNOT_MAKE: i32 = 73;
const NOT_THERE: i32 = 72;
const NO_RSYNC: i32 = 127;
/// What rsync ends with when its other side did not begin, when not all could be done, and when a file has vanished.
const NO_PROTOCOL: i32 = 12;
const PARTIAL: i32 = 23;
const VANISHED: i32 = 24;

/// What is done about a workspace that is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is made.
    Made,
    /// It is an error.
    Needed,
    /// Nothing: rsync only says what it would do.
    Any,
}

/// A call of rsync that is being put together.
#[must_use = "nothing happens until it is run, or listed"]
pub(crate) struct Rsync<'a> {
    workspace: &'a Workspace,
    place: Place,
    args: Vec<OsString>,
}

impl<'a> Rsync<'a> {
    /// To or from the dock of this workspace.
    pub(crate) fn new(workspace: &'a Workspace, place: Place) -> Result<Self, Error> {
        let rsync = Rsync { workspace, place, args: Vec::new() };
        let there = match rsync.check()? {
            Some(check) => format!("{check} && rsync"),
            None => "rsync".to_owned(),
        };
        Ok(rsync
            .args(["--links", "--perms", "--times", "--compress", "--protect-args", "--info=nonreg0"])
            .arg(format!("--rsh={}", workspace.remote_shell()))
            .arg(format!("--rsync-path={there}")))
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

    /// Runs it. A file that vanishes meanwhile is no failure: whoever removed it knows.
    pub(crate) fn run(&self, runner: &Runner) -> Result<(), Error> {
        match runner.run_stdout_to_stderr(&Command::new("rsync").args(&self.args)) {
            Err(failure) if code(&failure) != Some(VANISHED) => Err(self.explain(failure, runner)),
            _ => Ok(()),
        }
    }

    /// What it would do. Half an answer is none.
    pub(crate) fn list(&self, runner: &Runner) -> Result<Vec<Item>, Error> {
        let rsync = Command::new("env").args(["TZ=UTC0", "rsync", "--dry-run", FORMAT]).args(&self.args);
        let list = runner.capture(&rsync).map_err(|failure| self.explain(failure, runner))?;
        listing::parse(&list)
    }

    /// What is to be said of a failure beyond rsync's own words.
    ///
    /// It seldom hands on what the dock's shell ended with, so that is asked for.
    fn explain(&self, failure: Failure, runner: &Runner) -> Error {
        match code(&failure) {
            Some(PARTIAL) => Error::Partial,
            Some(NO_PROTOCOL | NOT_THERE | CANNOT_MAKE | NO_RSYNC) => match self.ask(runner) {
                Ok(()) if code(&failure) == Some(NO_RSYNC) => {
                    Failure::NotFound { program: "rsync".to_owned() }.into()
                }
                Ok(()) => failure.into(),
                Err(reason) => reason,
            },
            _ => failure.into(),
        }
    }

    /// Asks the dock's shell whether it has what rsync needs there.
    fn ask(&self, runner: &Runner) -> Result<(), Error> {
        let look = format!("command -v rsync || exit {NO_RSYNC}");
        let question = match self.check()? {
            Some(check) => format!("{check} && {{ {look}; }}"),
            None => look,
        };
        let Workspace { ssh, destination, dock, base, user, .. } = self.workspace;
        let (path, dock) = (self.workspace.path(), dock.clone());
        let Err(failure) = runner.capture(&ssh.clone().args(["--", destination, &question])) else {
            return Ok(());
        };
        Err(match code(&failure) {
            Some(CANNOT_MAKE) => Error::CannotMake { path, dock, base: base.clone(), user: user.clone() },
            Some(NOT_THERE) => Error::NotThere { path, dock },
            Some(NO_RSYNC) => Error::NoRsync { dock },
            _ => failure.into(),
        })
    }

    /// What the dock's shell does about the workspace before anything else.
    fn check(&self) -> Result<Option<String>, Error> {
        let folder = shlex::try_quote(&self.workspace.path()).map_err(|_| Error::Nul)?.into_owned();
        Ok(match self.place {
            Place::Made => Some(format!("mkdir -p {folder} || exit {CANNOT_MAKE}")),
            Place::Needed => Some(format!("test -d {folder} || exit {NOT_THERE}")),
            Place::Any => None,
        })
    }
}

fn code(failure: &Failure) -> Option<i32> {
    match failure {
        Failure::Failed { status, .. } => status.code(),
        _ => None,
    }
}
