//! The client side of a dock: the key, the known host key, and the programs that reach it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io::{self, Error};
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use dockerutils_testkit::{find_program, path_starting_with};

use crate::version::Version;

const WITH_HOME: &str = include_str!("with-home.sh");

/// Returns a command whose program, and all that it starts, find HOME as the home in the system's list of users.
///
/// ssh ignores HOME and takes the home from that list. Replacing the list needs root.
pub(super) fn with_home(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", WITH_HOME, "with-home"]).arg(program);
    command
}

/// Creates a folder for PATH, with the docker client of a version, and an ssh whose `~` is HOME.
pub(crate) fn install_programs(bin: &Path, version: Version) -> io::Result<()> {
    fs::create_dir(bin)?;
    version.install_client(&bin.join("docker"))?;
    let with_home = bin.join("with-home.sh");
    fs::write(&with_home, WITH_HOME)?;
    for program in ["ssh", "scp", "sftp"] {
        let file = find_program(program).ok_or_else(|| Error::other(format!("{program} is missing")))?;
        let wrapper = bin.join(program);
        let line = format!("exec sh '{}' '{}' \"$@\"", with_home.display(), file.display());
        fs::write(&wrapper, format!("#!/bin/sh\n{line}\n"))?;
        // Scripts, because rsync and docker start `ssh` by its name on PATH.
        fs::set_permissions(&wrapper, Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[derive(Debug)]
pub(super) struct Client {
    state: PathBuf,
    address: Ipv4Addr,
}

impl Client {
    pub(super) fn make(state: &Path, address: Ipv4Addr, version: Version) -> io::Result<Self> {
        let client = Client { state: state.to_owned(), address };
        install_programs(&client.bin(), version)?;
        let host_key = fs::read_to_string(state.join("root/etc/ssh/ssh_host_ed25519_key.pub"))?;
        fs::write(client.known_hosts(), format!("{address} {host_key}"))?;
        Ok(client)
    }

    pub(super) fn key(&self) -> PathBuf {
        self.state.join("key")
    }

    pub(super) fn path(&self) -> OsString {
        path_starting_with(&self.bin())
    }

    pub(super) fn ssh(&self, user: &str) -> Command {
        let known_hosts = format!("UserKnownHostsFile={}", self.known_hosts().display());
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", &known_hosts, "-i"])
            .arg(self.key())
            .arg(format!("{user}@{}", self.address));
        ssh
    }

    fn bin(&self) -> PathBuf {
        self.state.join("bin")
    }

    fn known_hosts(&self) -> PathBuf {
        self.state.join("known_hosts")
    }
}
