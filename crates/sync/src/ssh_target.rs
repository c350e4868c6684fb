//! A dock, in the forms in which ssh and rsync address it.

use dockerutils_command::Command;

/// How ssh and rsync reach a dock.
#[derive(Debug, Clone)]
pub struct SshTarget {
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
}

impl SshTarget {
    /// Returns the value of rsync's `--rsh`: ssh and its options in one argument, ended by `--` because rsync appends
    /// the address.
    pub(crate) fn remote_shell(&self) -> String {
        // rsync splits the value at blanks. Quotes protect them, and a doubled quote represents one; there is no escape.
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
