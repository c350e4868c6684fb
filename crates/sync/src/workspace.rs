//! Where a project's files live on a dock, and how rsync gets there.
//!
//! rsync is told of names in ways that keep them whole: blanks, quotes and newlines included.

use dockerutils_command::{Command, Error as Failure, Runner};

use crate::Error;

/// What the dock's shell ends with when the folder cannot be made, when it is not there, and when there is no rsync.
const CANNOT_MAKE: i32 = 73;
const NOT_THERE: i32 = 72;
const NO_RSYNC: i32 = 127;
/// What rsync ends with when a file has vanished meanwhile, and when its other side did not begin.
const VANISHED: i32 = 24;
const NO_PROTOCOL: i32 = 12;

/// Where workspaces are on a dock.
pub const BASE: &str = "/data/workspaces";

/// The path of a project's workspace below the folder of all workspaces.
pub fn workspace_path(base: &str, owner: &str, project: &str) -> String {
    format!("{base}/{owner}/code/{project}")
}

/// What is done about a folder that is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is made.
    Made,
    /// It is an error.
    Needed,
    /// Nothing: rsync only says what it would do.
    Any,
}

/// A project's folder on a dock.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// What the dock is called in messages, and by `ssh-dock`.
    pub dock: String,
    /// Who we are there.
    pub user: String,
    /// ssh's destination: `ubuntu@fd00::5`.
    pub destination: String,
    /// The same as it stands before rsync's colon: `ubuntu@[fd00::5]`.
    pub host: String,
    /// ssh to the dock, without destination.
    pub ssh: Command,
    /// The folder of all workspaces there: [`BASE`].
    pub base: String,
    /// Whose files these are.
    pub owner: String,
    /// The project's folder there is called so.
    pub project: String,
}

impl Workspace {
    /// The folder's path on the dock.
    pub fn path(&self) -> String {
        workspace_path(&self.base, &self.owner, &self.project)
    }

    /// The folder's contents, as an argument of rsync.
    pub(crate) fn contents(&self) -> String {
        format!("{}:{}/", self.host, self.path())
    }

    /// rsync to or from the dock; the folder is looked for, or made, by the connection that rsync makes.
    pub(crate) fn rsync(&self, place: Place) -> Result<Command, Error> {
        let rsync = match self.check(place)? {
            Some(check) => format!("{check} && rsync"),
            None => "rsync".to_owned(),
        };
        Ok(Command::new("rsync")
            .args(["--links", "--perms", "--times", "--compress", "--protect-args", "--info=nonreg0"])
            .arg(format!("--rsh={}", self.remote_shell()))
            .arg(format!("--rsync-path={rsync}")))
    }

    /// What is to be said of rsync's failure beyond its own words. A file that has vanished is none.
    ///
    /// rsync seldom hands on what the dock's shell ended with, so that is asked for.
    pub(crate) fn explain(&self, failure: Failure, place: Place, runner: &Runner) -> Result<(), Error> {
        match &failure {
            Failure::Failed { status, .. } if status.code() == Some(VANISHED) => return Ok(()),
            Failure::Failed { status, .. }
                if matches!(status.code(), Some(NO_PROTOCOL | NOT_THERE | CANNOT_MAKE | NO_RSYNC)) => {}
            _ => return Err(failure.into()),
        }
        let look = format!("command -v rsync || exit {NO_RSYNC}");
        let question = match self.check(place)? {
            Some(check) => format!("{check} && {{ {look}; }}"),
            None => look,
        };
        let ssh = self.ssh.clone().args(["--", &self.destination, &question]);
        let Err(Failure::Failed { status, .. }) = runner.capture(&ssh) else { return Err(failure.into()) };
        let (path, dock) = (self.path(), self.dock.clone());
        Err(match status.code() {
            Some(CANNOT_MAKE) => {
                Error::CannotMake { path, dock, base: self.base.clone(), user: self.user.clone() }
            }
            Some(NOT_THERE) => Error::NotThere { path, dock },
            Some(NO_RSYNC) => Error::NoRsync { dock },
            _ => failure.into(),
        })
    }

    /// What the dock's shell does about the folder before anything else.
    fn check(&self, place: Place) -> Result<Option<String>, Error> {
        let folder = shlex::try_quote(&self.path()).map_err(|_| Error::Nul)?.into_owned();
        Ok(match place {
            Place::Made => Some(format!("mkdir -p {folder} || exit {CANNOT_MAKE}")),
            Place::Needed => Some(format!("test -d {folder} || exit {NOT_THERE}")),
            Place::Any => None,
        })
    }

    /// ssh and its options in one argument: rsync splits it at blanks, and a quote in quotes is written twice.
    fn remote_shell(&self) -> String {
        let quoted = |word: String| {
            let is_plain = !word.is_empty() && !word.contains([' ', '\'', '"']);
            if is_plain { word } else { format!("'{}'", word.replace('\'', "''")) }
        };
        let words = std::iter::once(self.ssh.program()).chain(self.ssh.arguments());
        words.map(quoted).collect::<Vec<_>>().join(" ")
    }
}
