//! What can go wrong with a sync: one sentence each, with what to do.

use std::io;
use std::path::{Path, PathBuf};

use dockerutils_command::quote;

/// Why files could not be sent or brought back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A pattern that docker refuses.
    #[error(
        ".dockerignore:{line}: docker cannot read the pattern `{pattern}`: close what `[` opens, let something follow `!`, and let no letter or digit follow `\\`"
    )]
    Pattern {
        /// The line, from 1.
        line: usize,
        /// The pattern.
        pattern: String,
    },
    /// The system refused to read or write something.
    #[error("{} cannot be {done}: {source}", path.display())]
    Io {
        /// What was to be done with it: `read`, `written`, `locked`.
        done: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A name that no command can be given.
    #[error("the project's name holds a NUL character, which no command can be given")]
    Nul,
    /// rsync answered in a way that we do not know.
    #[error("rsync lists what we cannot read: `{}`; rsync 3.1 or later is needed, here and on the dock", .0.escape_debug())]
    Listing(String),
    /// The dock's user may not make the workspace.
    #[error(
        "{path} cannot be made on the dock: make its first folders once, with \
         `ssh-dock {dock} -- sudo sh -c 'mkdir -p {base} && chown {user} {base}'`"
    )]
    CannotMake {
        /// The workspace.
        path: String,
        /// The folder of all workspaces.
        base: String,
        /// The dock's name.
        dock: String,
        /// Who we are there.
        user: String,
    },
    /// The dock has no workspace of this project.
    #[error("the dock has no {path}: `sync-up {dock}` makes it")]
    NotThere {
        /// The workspace.
        path: String,
        /// The dock's name.
        dock: String,
    },
    /// The dock has no rsync.
    #[error("the dock has no rsync: `ssh-dock {dock} -- sudo apt-get install -y rsync`")]
    NoRsync {
        /// The dock's name.
        dock: String,
    },
    /// Some files could not be read or written.
    #[error(
        "rsync could not read or write everything, as it says above; what a container has made as root is root's: \
         `user=host` in docker/dockerutils.cfg makes it yours, .dockerignore leaves it out"
    )]
    Partial,
    /// Files that were changed here too were left as they are.
    #[error(
        "left as they are, because they were changed here and on the dock: {}; `sync-down --force` overwrites them",
        named(.0)
    )]
    Conflicts(Vec<PathBuf>),
    /// rsync did not do its work.
    #[error(transparent)]
    Command(#[from] dockerutils_command::Error),
}

/// How many files a message names.
const NAMED: usize = 10;

fn named(paths: &[PathBuf]) -> String {
    let mut names: Vec<String> = paths.iter().take(NAMED).map(|path| quote(path.as_os_str())).collect();
    if paths.len() > NAMED {
        names.push(format!("and {} more", paths.len() - NAMED));
    }
    names.join(", ")
}

impl Error {
    /// For `map_err`, after an operation on a file.
    pub(crate) fn io(done: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { done, path: path.to_owned(), source }
    }
}
