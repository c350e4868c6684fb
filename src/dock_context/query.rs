//! Facts about a dock that a short script there finds out.

use dockerutils_command::{Error as CommandError, Runner};
use dockerutils_dock::session::ssh_via_session;
use dockerutils_project::Workspace;
use dockerutils_ssh::{ControlSocket, is_ssh_failure, portable_script};
use dockerutils_sync::Error as SyncError;

use super::DockedEngine;
use crate::{Result, ui};

/// The line after which the script's own output begins: a login shell may print before it, as in `echo` in ~/.bashrc.
pub(super) const MARK: &str = "dockerutils-answer";

/// Prints the owner of a folder as `UID:GID`; the calling user if the folder does not exist, because sync-up creates it.
const PRINT_OWNER: &str = "set -- $(ls -ldn \"$(printf %b \"$1\")\" 2>/dev/null); \
    if test -n \"$4\"; then echo \"$3:$4\"; else echo \"$(id -u):$(id -g)\"; fi";

impl DockedEngine {
    /// Runs a script on the dock that reads its arguments as [`portable_script`] describes, and returns what it prints;
    /// `None` if the login shell there runs no commands. A dry run echoes it, and returns nothing. `name` is that of the file from
    /// which the echo reads the script.
    pub(super) fn query<'a>(
        &self,
        name: &str,
        script: &str,
        arguments: impl IntoIterator<Item = &'a str>,
        control: Option<&ControlSocket>,
        runner: &Runner,
    ) -> Result<Option<Vec<u8>>> {
        let line = portable_script(&format!("echo {MARK}; {script}"), arguments)?;
        let ssh = ssh_via_session(&self.docks, &self.dock, control);
        let ssh = ssh.arg("--").arg(self.dock.destination());
        let _waiting = ui::waiting_for(&self.dock.moniker);
        match runner.capture(&self.docks.add_line(ssh, &self.dock, name, &line, runner)) {
            Ok(_) if runner.is_dry_run() => Ok(Some(Vec::new())),
            Ok(output) => Ok(after_mark(&output).map(<[u8]>::to_vec)),
            Err(CommandError::Failed { status, .. })
                if !is_ssh_failure(status.code()) && status.code().is_some() =>
            {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns why [`query`](Self::query) has no answer, and the remedy.
    pub(super) fn shell_refusal(&self) -> SyncError {
        SyncError::LoginShell { dock: self.dock.moniker.to_string(), user: self.dock.user.to_string() }
    }

    /// Returns `UID:GID` of the workspace's owner, whom files of a container should belong to. `None` if it cannot be
    /// found out, with a warning.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached.
    pub(crate) fn workspace_owner(&self, workspace: &Workspace, runner: &Runner) -> Result<Option<String>> {
        let control = self.ensure_session(runner)?;
        let answer =
            self.query("query-owner", PRINT_OWNER, [workspace.path.as_str()], control.as_ref(), runner)?;
        let Some(answer) = answer else {
            ui::warn(format_args!(
                "the container runs with the ids of this machine's user, because the owner of {} is unknown: {}",
                workspace.path,
                self.shell_refusal()
            ));
            return Ok(None);
        };
        let owner = Some(String::from_utf8_lossy(&answer).trim().to_owned());
        let owner = owner.filter(|owner| is_uid_gid(owner));
        if owner.is_none() && runner.is_dry_run() {
            ui::note(format_args!(
                "--user shows the ids of this machine; a real run uses those of the owner of {1} on {0}",
                self.dock.moniker, workspace.path
            ));
        } else if owner.is_none() {
            ui::warn(format_args!(
                "the owner of {} on {} is unknown, so the container runs with the ids of this machine's user",
                workspace.path, self.dock.moniker
            ));
        }
        Ok(owner)
    }
}

pub(super) fn after_mark(output: &[u8]) -> Option<&[u8]> {
    let mark = format!("{MARK}\n");
    let start = output.windows(mark.len()).position(|window| window == mark.as_bytes())?;
    output.get(start + mark.len()..)
}

fn is_uid_gid(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    text.split_once(':').is_some_and(|(user, group)| is_number(user) && is_number(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_login_shell_prints_is_not_part_of_the_answer() {
        let answer = |output: &str| after_mark(output.as_bytes()).map(<[u8]>::to_vec);
        assert_eq!(answer("dockerutils-answer\n1:2\n"), Some(b"1:2\n".to_vec()));
        assert_eq!(answer("hello\nyou dockerutils-answer\n"), Some(Vec::new()));
        assert_eq!(answer("This account is currently not available.\n"), None);
        assert!(is_uid_gid("1000:1000") && !is_uid_gid("1000:") && !is_uid_gid("a:1") && !is_uid_gid(""));
    }
}
