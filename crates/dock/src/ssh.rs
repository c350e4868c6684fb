//! ssh to a dock: its own known hosts, identity, port and jump hosts, whatever `~/.ssh/config` says of the rest.
//!
//! A destination always stands after `--`, so that none can be an option. The key exchange is left as ssh has it.

use std::path::Path;

use dockerutils_command::Command;

use crate::{Dock, Docks, Error, Result};

/// `ssh` with the dock's options and without a destination: add `.arg("--").arg(dock.destination())`.
pub fn ssh(docks: &Docks, dock: &Dock) -> Command {
    let known_hosts = docks.known_hosts(dock);
    let mut ssh = Command::new("ssh")
        .arg("-o")
        .arg(format!("UserKnownHostsFile={}", config_path(&known_hosts)))
        .args(["-o", "StrictHostKeyChecking=accept-new"])
        // One dock, one host key: whatever its port is, the key is looked for under its address.
        .arg("-o")
        .arg(format!("HostKeyAlias={}", dock.address));
    if let Some(port) = &dock.port {
        ssh = ssh.arg("-p").arg(port.to_string());
    }
    if let Some(identity) = &dock.identity {
        // Not -i: that one is left out, and others tried, where the file is missing.
        let path = config_path(&docks.path_of(identity));
        ssh = ssh.arg("-o").arg(format!("IdentityFile={path}")).args(["-o", "IdentitiesOnly=yes"]);
    }
    if let Some(jump) = &dock.jump {
        ssh = ssh.arg("-J").arg(jump.as_str());
    }
    ssh
}

/// One line for the dock's POSIX shell that it splits into exactly these words.
///
/// # Errors
/// A word holds a NUL character.
pub fn remote_command<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<String> {
    shlex::try_join(words).map_err(|_| Error::Nul)
}

/// A path as the value of an option: ssh splits at blanks and replaces `%` there.
pub(crate) fn config_path(path: &Path) -> String {
    let path = path.to_string_lossy().replace('%', "%%");
    if path.contains(char::is_whitespace) { format!("\"{path}\"") } else { path }
}
