//! Sending a folder that is not a project.

use std::path::Path;

use dockerutils_command::{Command, Runner};
use dockerutils_ssh::portable_script;

use crate::{Error, SshTarget};

/// Creates the folder and becomes rsync.
const RECEIVE: &str = "mkdir -p \"$(printf %b \"$1\")\" && shift && exec rsync \"$@\"";

/// Sends the files of a folder to one on a host, which is created. Nothing is deleted there.
///
/// # Errors
/// Fails if rsync does.
pub fn send_folder(target: &SshTarget, folder: &Path, remote: &str, runner: &Runner) -> Result<(), Error> {
    let mut source = folder.as_os_str().to_owned();
    source.push("/");
    let receive = portable_script(RECEIVE, [remote]).map_err(|_| Error::NulInProjectName)?;
    let rsync = Command::new("rsync")
        .arg(format!("--rsync-path={receive}"))
        .args(["--recursive", "--perms", "--times", "--protect-args"])
        .arg(format!("--rsh={}", target.remote_shell()))
        .arg(source)
        .arg(format!("{}:{remote}/", target.host));
    Ok(runner.run_stdout_to_stderr(&rsync)?)
}
