//! The versions of docker that commands are tested with, and their files on this machine.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use crate::Unavailable;

/// The engines that commands are tested with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Docker 20.10, as Debian 12 installs it: the legacy builder.
    V20,
    /// Docker 26.1 with buildx, as in Debian 13. `scripts/testbed.sh` unpacks it; it is not installed.
    V26,
    /// Docker 26.1 that keeps its images in containerd's store.
    V26Containerd,
}

impl Version {
    /// All versions.
    pub const ALL: [Version; 3] = [Version::V20, Version::V26, Version::V26Containerd];

    /// Returns the beginning of what `docker version` prints.
    pub fn prefix(self) -> &'static str {
        match self {
            Version::V20 => "20.10.",
            Version::V26 | Version::V26Containerd => "26.1.",
        }
    }

    /// Returns the folder that contains its usr/bin: `/`, or the folder that it was unpacked into.
    pub(crate) fn base(self) -> PathBuf {
        match self {
            Version::V20 => PathBuf::from("/"),
            Version::V26 | Version::V26Containerd => testbed().join("docker-26"),
        }
    }

    /// Returns the folder of docker's plugins, buildx among them, for a link `~/.docker/cli-plugins`.
    pub fn plugins(self) -> PathBuf {
        self.base().join("usr/libexec/docker/cli-plugins")
    }

    /// Installs docker's client under another name, so that users may reach it who may not reach the original.
    pub(crate) fn install_client(self, name: &Path) -> io::Result<()> {
        let program = self.base().join("usr/bin/docker");
        // A hard link is made in no time; it fails across file systems.
        fs::hard_link(&program, name).or_else(|_| fs::copy(program, name).map(|_| ()))
    }

    /// Returns the text of its daemon.json.
    pub(crate) fn daemon_json(self) -> &'static str {
        match self {
            Version::V20 | Version::V26 => "{}",
            Version::V26Containerd => r#"{"features": {"containerd-snapshotter": true}}"#,
        }
    }
}

/// The name in messages.
impl Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::V20 => "20.10",
            Version::V26 => "26.1",
            Version::V26Containerd => "26.1 with containerd's store",
        })
    }
}

/// Returns the folder that `scripts/testbed.sh` keeps its downloads in.
pub(crate) fn testbed() -> PathBuf {
    let cache = || {
        let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache");
        env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("dockerutils-testbed")
    };
    env::var_os("DOCKERUTILS_TESTBED").map_or_else(cache, PathBuf::from)
}

/// Returns the file of its daemon.
///
/// # Errors
/// Returns [`Unavailable`] if this is not root, or if this machine does not have the version.
pub(crate) fn find_dockerd(version: Version) -> Result<PathBuf, Unavailable> {
    if !nix::unistd::geteuid().is_root() {
        return Err(Unavailable::NotRoot);
    }
    let base = version.base();
    let dockerd = base.join("usr/sbin/dockerd");
    for program in [&dockerd, &base.join("usr/bin/docker")] {
        if !program.is_file() {
            return Err(Unavailable::Missing(program.clone()));
        }
    }
    let found = Command::new(&dockerd).arg("--version").output()?.stdout;
    let found = String::from_utf8_lossy(&found).trim_end().to_owned();
    let is_wanted = found.split(' ').any(|word| word.starts_with(version.prefix()));
    if is_wanted {
        Ok(dockerd)
    } else {
        Err(Unavailable::OtherVersion { wanted: version.to_string(), found })
    }
}
