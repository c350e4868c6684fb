//! Where a project's files live on a dock, as ssh and rsync are told of it.

use dockerutils_command::Command;

/// Where workspaces are on a dock.
pub const BASE: &str = "/data/workspaces";

/// The path of a project's workspace below the folder of all workspaces.
pub fn workspace_path(base: &str, owner: &str, project: &str) -> String {
    format!("{base}/{owner}/code/{project}")
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
    /// Its address as it stands before rsync's colon: `[fd00::5]`.
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

    /// ssh, its options and the `--` that ends them in one argument, which rsync goes on with the address: it splits at
    /// blanks, and a quote in quotes is written twice.
    pub(crate) fn remote_shell(&self) -> String {
        let quoted = |word: String| {
            let is_plain = !word.is_empty() && !word.contains([' ', '\'', '"']);
            if is_plain { word } else { format!("'{}'", word.replace('\'', "''")) }
        };
        let ssh = self.ssh.clone().args(["-l", &self.user, "--"]);
        let words = std::iter::once(ssh.program()).chain(ssh.arguments());
        words.map(quoted).collect::<Vec<_>>().join(" ")
    }
}
