//! Finds out why rsync failed, if its exit status leaves that open.

use dockerutils_command::{Error as Failure, Runner, printable};
use dockerutils_project::Workspace;
use dockerutils_ssh::is_ssh_failure;

use crate::remote_rsync::{KEPT, MISSING, NO_RSYNC, NOT_CREATED, OF_ANOTHER, REPORT, remote_report};
use crate::rsync::Rsync;
use crate::rsync_version::{RsyncVersion, check_local_rsync};
use crate::{Error, SshTarget};

/// Exit statuses of rsync: some files failed, some files vanished.
/// <https://download.samba.org/pub/rsync/rsync.1#EXIT_VALUES>
pub(crate) const PARTIAL_TRANSFER: i32 = 23;
pub(crate) const VANISHED_FILES: i32 = 24;
/// Those that can have their cause in an rsync, a shell or a workspace that is not as we need it: a usage error, no common
/// protocol, an unsupported request, a server that did not start, an error in the protocol, and one between processes.
const UNCLEAR: [i32; 6] = [1, 2, 4, 5, 12, 14];
/// The shell's status for a program that it may not run.
const NOT_EXECUTABLE: i32 = 126;

/// Returns the error of an rsync that failed.
pub(crate) fn diagnose(rsync: &Rsync, failure: Failure, runner: &Runner) -> Error {
    match exit_code(&failure) {
        Some(PARTIAL_TRANSFER) => Error::Partial,
        Some(KEPT) => Error::Kept,
        // rsync seldom passes on the exit status of the remote shell, so the same checks run once more, without it.
        Some(status) if is_unclear(status) => {
            let found = check_local_rsync(runner).and_then(|()| check_dock(rsync, runner));
            match found {
                Err(reason) => reason,
                Ok(()) if status == NO_RSYNC => Failure::NotFound { program: "rsync".to_owned() }.into(),
                Ok(()) => failure.into(),
            }
        }
        _ => failure.into(),
    }
}

fn is_unclear(status: i32) -> bool {
    UNCLEAR.contains(&status)
        || matches!(status, MISSING | NOT_CREATED | OF_ANOTHER | NO_RSYNC | NOT_EXECUTABLE)
}

/// Checks through ssh that the dock has a shell that runs commands and prints nothing else, rsync, and our workspace.
fn check_dock(rsync: &Rsync, runner: &Runner) -> Result<(), Error> {
    let SshTarget { ssh, destination, dock, user, .. } = &rsync.sync.target;
    let Workspace { path, .. } = &rsync.sync.workspace;
    let (path, dock, user) = (path.clone(), dock.clone(), user.clone());
    let line = remote_report(&rsync.sync.workspace, rsync.if_missing)?;
    let answer = match runner.capture(&ssh.clone().args(["--", destination, &line])) {
        Err(failure) if is_shell_refusal(&failure) => return Err(Error::LoginShell { dock, user }),
        answer => answer?,
    };
    let Some(report) = Report::parse(&String::from_utf8_lossy(&answer)) else {
        return Err(Error::LoginShell { dock, user });
    };
    match report.status {
        NOT_CREATED => {
            let folder = rsync.sync.workspace.user_folder();
            Err(Error::WorkspaceNotCreated { path, dock, folder, user })
        }
        MISSING => Err(Error::WorkspaceMissing { path, arguments: rsync.sync.arguments.clone() }),
        OF_ANOTHER => Err(Error::WorkspaceOfAnother { path, dock, owner: report.owner }),
        NO_RSYNC => Err(Error::RsyncMissing { dock }),
        _ if !report.noise.is_empty() => Err(Error::NoisyShell { dock, user, text: report.noise }),
        _ if !report.version.is_usable_on_dock() => {
            Err(Error::ForeignRsyncOnDock { dock, found: report.version.shown })
        }
        _ => Ok(()),
    }
}

/// Returns whether ssh has logged in, and the login shell has refused the command.
fn is_shell_refusal(failure: &Failure) -> bool {
    matches!(failure, Failure::Failed { status, .. } if !is_ssh_failure(status.code()) && status.code().is_some())
}

/// The answer of [`remote_report`].
#[derive(Debug, PartialEq, Eq)]
struct Report {
    /// The first line that the login shell printed of its own.
    noise: String,
    status: i32,
    owner: String,
    version: RsyncVersion,
}

impl Report {
    fn parse(answer: &str) -> Option<Self> {
        let (noise, report) = answer.split_once(&format!("{REPORT}\n"))?;
        let field = |name: &str| report.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let noise = noise.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(noise);
        Some(Report {
            noise: printable(noise).into_owned(),
            status: field("status ").parse().ok()?,
            owner: printable(field("owner ")).into_owned(),
            version: RsyncVersion::parse(field("rsync ")),
        })
    }
}

pub(crate) fn exit_code(failure: &Failure) -> Option<i32> {
    match failure {
        Failure::Failed { status, .. } => status.code(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_parsed_whatever_the_shell_prints_before_it() {
        let report = "dockerutils-report\nstatus 74\nowner laptop:/a b\nrsync rsync  version 3.2.7  protocol version 31\n";
        let parsed = Report::parse(report).unwrap();
        assert_eq!((parsed.status, parsed.noise.as_str(), parsed.owner.as_str()), (74, "", "laptop:/a b"));
        assert!(parsed.version.is_usable_on_dock());
        let parsed = Report::parse(&format!("\nHello \x1b[1m\nyou\n{report}")).unwrap();
        assert_eq!(parsed.noise, "Hello \\x1b[1m");
        assert_eq!(Report::parse("This account is currently not available.\n"), None);
    }
}
