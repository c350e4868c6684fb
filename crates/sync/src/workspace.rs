//! The location of a project's files on a dock, in the forms that ssh and rsync require.

use dockerutils_command::Command;

/// The folder of all workspaces on a dock.
pub const BASE: &str = "/data/workspaces";

/// Returns the path of a project's workspace below the folder of all workspaces.
pub fn workspace_path(base: &str, owner: &str, project: &str) -> String {
    format!("{base}/{owner}/code/{project}")
}

/// A project's folder on a dock.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The dock's name in messages and for `ssh-dock`.
    pub dock: String,
    /// The user on the dock.
    pub user: String,
    /// The destination for ssh: `ubuntu@fd00::5`.
    pub destination: String,
    /// The dock's address before rsync's colon: `[fd00::5]`.
    pub host: String,
    /// The command that runs ssh to the dock, without a destination.
    pub ssh: Command,
    /// The folder of all workspaces: [`BASE`].
    pub base: String,
    /// The local user who owns the project.
    pub owner: String,
    /// The project's name, which is the folder's name too.
    pub project: String,
}

impl Workspace {
    /// Returns the folder's path on the dock.
    pub fn path(&self) -> String {
        workspace_path(&self.base, &self.owner, &self.project)
    }

    /// Returns the argument with which rsync addresses the folder's contents.
    pub(crate) fn contents(&self) -> String {
        format!("{}:{}/", self.host, self.path())
    }

    /// Returns the value of rsync's `--rsh`: ssh and its options in one argument, ended by `--` because rsync appends
    /// the address.
    pub(crate) fn remote_shell(&self) -> String {
        // rsync splits the value at blanks. Quotes protect them, and a doubled quote stands for one; there is no escape.
        // https://download.samba.org/pub/rsync/rsync.1#opt--rsh
        let quoted = |word: String| {
            let is_plain = !word.is_empty() && !word.contains([' ', '\'', '"']);
            if is_plain { word } else { format!("'{}'", word.replace('\'', "''")) }
        };
        let ssh = self.ssh.clone().args(["-l", &self.user, "--"]);
        let words = std::iter::once(ssh.program()).chain(ssh.arguments());
        words.map(quoted).collect::<Vec<_>>().join(" ")
    }
}
