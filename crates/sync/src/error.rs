//! The errors of a sync, each with its remedy.

use std::io;
use std::path::{Path, PathBuf};

use dockerutils_command::{printable, quote};

use crate::pattern_fault::PatternFault;
use crate::remote_rsync::RECORD;

/// Why a sync failed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message names the fields")]
pub enum Error {
    /// `docker build` would reject the pattern.
    #[error(".dockerignore:{line}: invalid pattern `{pattern}`: {fault}")]
    InvalidPattern { line: usize, pattern: String, fault: PatternFault },
    /// The system refused an operation (`read`, `write`, `lock`) on a file or folder.
    #[error("cannot {operation} {}: {source}", path.display())]
    Io { operation: &'static str, path: PathBuf, source: io::Error },
    #[error("the project's name contains a NUL character, which a command cannot carry")]
    NulInProjectName,
    /// A line of rsync's list does not have the requested format.
    #[error(
        "cannot parse rsync's output `{}`: rsync 3.1.3 or later is required on this machine, and 3.1 or later on the dock",
        printable(.0)
    )]
    UnreadableListing(String),
    /// The dock's user may not create the workspace.
    #[error(
        "cannot create {path} on the dock: create the folder of your workspaces once, with \
         `ssh-dock {dock} -- sudo sh -c 'mkdir -p {folder} && chown {user} {folder}'`"
    )]
    WorkspaceNotCreated { path: String, folder: String, dock: String, user: String },
    /// The workspace is the copy of another folder.
    #[error(
        "{path} on {dock} is the copy of {owner}, which is not this folder: name a copy of your own with \
         `sync-up {dock} --as NAME` or with the key `workspace` of [run_image]; if that folder was moved here or is no \
         longer used, release its copy with `ssh-dock {dock} -- rm {}`",
        quote(format!("{path}/{RECORD}").as_ref())
    )]
    WorkspaceOfAnother { path: String, dock: String, owner: String },
    #[error("the dock has no {path}: `sync-up {arguments}` creates it")]
    WorkspaceMissing { path: String, arguments: String },
    #[error(
        "rsync is not installed on the dock: install it with `ssh-dock {dock} -- sudo apt-get install -y rsync`"
    )]
    RsyncMissing { dock: String },
    /// The rsync of this machine is too old, or another program.
    #[error(
        "the rsync of this machine is {found}, but rsync 3.1.3 or later is required: install it with \
         `sudo apt-get install rsync`, or on macOS with `brew install rsync`"
    )]
    ForeignRsync { found: String },
    /// The rsync of the dock is too old, or another program.
    #[error(
        "the rsync of {dock} is {found}, but rsync 3.1 or later is required: install it there, for example with \
         `ssh-dock {dock} -- sudo apt-get install -y rsync`"
    )]
    ForeignRsyncOnDock { dock: String, found: String },
    /// What a login shell prints gets into rsync's data.
    #[error(
        "the shell of {user} on {dock} prints `{text}` before it runs a command, which rsync takes for data: in the file \
         there that prints it, such as ~/.bashrc, print only if the shell is interactive, that is, after \
         `case $- in *i*) ;; *) return ;; esac`"
    )]
    NoisyShell { dock: String, user: String, text: String },
    /// The login shell is nologin or the like.
    #[error(
        "the login shell of {user} on {dock} runs no commands: use another user with `register-dock ADDRESS -u USER`, or \
         change the shell there, as root with `chsh -s /bin/sh {user}`"
    )]
    LoginShell { dock: String, user: String },
    /// rsync transferred only some of the files.
    #[error(
        "rsync could not read or write some files (see its messages above); for files that a container created as root, \
         set `user=host` in docker/dockerutils.cfg or add them to .dockerignore"
    )]
    Partial,
    /// Nothing is known of these local folders, so all below them is left as it is on both sides.
    #[error(
        "left out on both sides, because they cannot be read here: {}; add them to .dockerignore, or change their \
         permissions{}",
        shortened_list(folders),
        if *is_partial { ". rsync could not read or write some other files (see its messages above)" } else { "" }
    )]
    Unreadable {
        /// The folders.
        folders: Vec<PathBuf>,
        /// Whether rsync has also transferred only some of the files.
        is_partial: bool,
    },
    /// rsync has overwritten or deleted files that changed on the dock since the comparison, and the dock keeps them. It may
    /// have left out others.
    #[error("files changed on the dock while they were overwritten")]
    Kept,
    /// These files were not overwritten.
    #[error("{}", conflicts(changed, other_kinds, command))]
    Conflicts {
        /// The files that changed on both sides.
        changed: Vec<PathBuf>,
        /// The files that have a folder in their place on the other side.
        other_kinds: Vec<PathBuf>,
        /// `sync-up` or `sync-down`, with the arguments that name the workspace.
        command: String,
    },
    /// ssh or rsync failed, or could not be started.
    #[error("{0}")]
    Command(#[from] dockerutils_command::Error),
}

/// How many files a message names.
const MAX_NAMES: usize = 10;

fn conflicts(changed: &[PathBuf], other_kinds: &[PathBuf], command: &str) -> String {
    let mut sentences = Vec::new();
    if !changed.is_empty() {
        sentences.push(format!(
            "not overwritten, because they changed both locally and on the dock: {}; `{command} --force` overwrites them",
            shortened_list(changed)
        ));
    }
    if !other_kinds.is_empty() {
        sentences.push(format!(
            "left alone, because a file or link on one side is a folder on the other: {}; rename or remove one of the two",
            shortened_list(other_kinds)
        ));
    }
    sentences.join(". ")
}

/// Returns the names of the first files, and how many more there are.
pub fn shortened_list(paths: &[PathBuf]) -> String {
    let mut names: Vec<String> = paths.iter().take(MAX_NAMES).map(|path| quote(path.as_os_str())).collect();
    if paths.len() > MAX_NAMES {
        names.push(format!("and {} more", paths.len() - MAX_NAMES));
    }
    names.join(", ")
}

impl Error {
    /// Returns a function for `map_err` after an operation on `path`.
    pub(crate) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { operation, path: path.to_owned(), source }
    }
}
