//! ssh to a dock: the dock's own host key, identity, port and jump hosts, and the user's configuration for the rest.
//!
//! The options stand in two files in the dock's folder, so that the commands are short: one for every call, and one for
//! probes that builds on it. The files are made from the record. A file that is missing, old or cannot be read by ssh is
//! not used: then the options stand on the command line.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use dockerutils_command::{Command, Runner};
use dockerutils_ssh::{
    HostOptions, SYSTEM_CONFIG, Setting, file_for_any_host, option_value, ssh_to_any_host,
};
use nix::unistd::{AccessFlags, access, geteuid};

use crate::file::{make_private_dir, replace_private};
use crate::fragment::{self, CALLS, PROBES};
use crate::{Dock, Docks};

/// What a probe sets in addition: it never prompts, does not use an open connection, which could hide a fault, and ssh's
/// warnings do not belong to the messages that are diagnosed.
///
/// curve25519 costs a quarter of the CPU time of ssh's default key exchange. That default protects a recording against a
/// later quantum computer, and a probe carries nothing but docker's version.
const OF_PROBES: [(&str, &str); 4] = [
    ("BatchMode", "yes"),
    ("ControlPath", "none"),
    ("LogLevel", "ERROR"),
    ("KexAlgorithms", "^curve25519-sha256"),
];

/// A file of host keys that has none.
const NO_KEYS: &str = "/dev/null";

/// The name in `~/.docker` of the file for hosts that are not docks.
pub(crate) const OTHER_HOSTS: &str = "dockerutils.ssh";

impl Docks {
    /// Returns `ssh` with the dock's options and without a destination: add `.arg("--").arg(dock.destination())`.
    ///
    /// It may use the open connection of a session, unless a control socket is named: add `-S` to be sure.
    pub fn ssh(&self, dock: &Dock) -> Command {
        match self.current_file(dock, CALLS) {
            Some(file) => Command::new("ssh").arg("-F").arg(file),
            None => self.ssh_options(dock).command(),
        }
    }

    /// Returns `ssh` for a probe of the dock, like [`ssh`](Self::ssh).
    pub(crate) fn ssh_for_probe(&self, dock: &Dock) -> Command {
        match self.current_file(dock, PROBES) {
            Some(file) => Command::new("ssh").arg("-F").arg(file),
            None => OF_PROBES.into_iter().fold(self.ssh_options(dock).command(), |ssh, (name, value)| {
                ssh.arg("-o").arg(format!("{name}={value}"))
            }),
        }
    }

    /// Returns `ssh` for a host that is not a dock, with the settings that our calls rely on and without a destination.
    ///
    /// A file in `~/.docker` holds the settings, as a dock's does. It is written if it is missing, except in a dry run.
    pub fn ssh_to_other_host(&self, runner: &Runner) -> Command {
        let (file, text) = (self.file(OTHER_HOSTS), file_for_any_host());
        if !runner.is_dry_run() && !is_text(&file, &text) {
            // Without the file, the options stand on the command line.
            let _ = replace_private(&file, text.as_bytes());
        }
        let is_current = is_plain(&file) && is_text(&file, &text) && is_includable();
        if is_current { Command::new("ssh").arg("-F").arg(file) } else { ssh_to_any_host() }
    }

    /// Writes the dock's files for ssh if they are missing or do not correspond to the record. A dry run does not call it.
    ///
    /// A folder that cannot be written is not an error: the options then stand on the command line.
    pub fn refresh_ssh_files(&self, dock: &Dock) {
        for name in [CALLS, PROBES] {
            let text = self.text(dock, name);
            let file = self.folder(dock).join(name);
            if !is_text(&file, &text) {
                let _ = replace_private(&file, text.as_bytes());
            }
        }
    }

    /// Adds a line for the dock's login shell to `ssh`. The line is also written to a file of this name, from which the echo
    /// reads it; in a dry run, or if the file cannot be written, because the dock has no folder yet, it stands in the echo.
    pub fn add_line(&self, ssh: Command, dock: &Dock, name: &str, line: &str, runner: &Runner) -> Command {
        let (folder, can_write) =
            (self.sync_folder(dock), !runner.is_dry_run() && self.folder(dock).is_dir());
        let file = folder.join(name);
        let write = || make_private_dir(&folder).and_then(|()| replace_private(&file, line.as_bytes()));
        if can_write && write().is_ok() { ssh.arg_from_file("", line, &file) } else { ssh.arg(line) }
    }

    /// Returns whether [`ssh`](Self::ssh) uses the connection with this control socket, without an option that names it.
    pub(crate) fn names_control(&self, dock: &Dock, socket: &Path) -> bool {
        let link = fragment::control_link(&self.folder(dock));
        fs::read_link(&link).is_ok_and(|target| target == socket)
            && fragment::is_control_path(&link)
            && self.current_file(dock, CALLS).is_some()
    }

    /// Returns the options of ssh that the record sets.
    pub(crate) fn ssh_options(&self, dock: &Dock) -> HostOptions {
        let known_hosts = self.known_hosts(dock);
        HostOptions {
            can_store_key: can_write(&known_hosts),
            // ssh would wait for a FIFO for ever, and read a device without end.
            known_hosts: if is_other_than_file(&known_hosts) { NO_KEYS.into() } else { known_hosts },
            host_key_alias: dock.identity().to_owned(),
            port: dock.port.map(|port| port.to_string()),
            identity: dock.identity.as_ref().map(|identity| self.identity_path(identity)),
            jump: dock.jump.as_ref().map(ToString::to_string),
        }
    }

    /// Returns the path of a file that ssh can read and that corresponds to the record.
    fn current_file(&self, dock: &Dock, name: &str) -> Option<PathBuf> {
        let file = self.folder(dock).join(name);
        let is_current = is_plain(&file) && is_text(&file, &self.text(dock, name)) && is_includable();
        is_current.then_some(file)
    }

    fn text(&self, dock: &Dock, name: &str) -> String {
        let more = match name {
            PROBES => OF_PROBES.map(|(name, value)| (name, value.to_owned())).to_vec(),
            _ => vec![("ControlPath", self.control_path(dock))],
        };
        self.text_with(dock, &more)
    }

    /// Returns the text of a further file for `ssh -F` to the dock, with settings that come before those of the dock;
    /// `None` if ssh cannot use a file at this path.
    pub(crate) fn further_file(&self, dock: &Dock, file: &Path, more: &[Setting]) -> Option<String> {
        (is_plain(file) && is_includable()).then(|| self.text_with(dock, more))
    }

    fn text_with(&self, dock: &Dock, more: &[Setting]) -> String {
        let text = self.ssh_options(dock).file(dock.address.as_str(), more);
        format!("# Written by dockerutils from connection_config.txt. Changes are lost.\n{text}")
    }

    /// Returns the value of ControlPath.
    fn control_path(&self, dock: &Dock) -> String {
        let link = fragment::control_link(&self.folder(dock));
        if fragment::is_control_path(&link) { option_value(&link) } else { "none".to_owned() }
    }
}

fn is_text(file: &Path, text: &str) -> bool {
    dockerutils_file::read(file).is_ok_and(|bytes| bytes == text.as_bytes())
}

/// Returns whether ssh passes this path of a configuration on to the ssh of a jump host: it does so without quotes.
fn is_plain(file: &Path) -> bool {
    let bytes = file.as_os_str().as_encoded_bytes();
    bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+@".contains(byte))
}

/// Returns whether ssh accepts the system's configuration in an Include, for which it has stricter rules.
fn is_includable() -> bool {
    let Ok(found) = fs::metadata(SYSTEM_CONFIG) else { return true };
    (found.uid() == 0 || found.uid() == geteuid().as_raw()) && found.mode() & 0o022 == 0
}

/// Returns whether a path exists and is not a regular file.
fn is_other_than_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file())
}

/// Returns whether ssh can add a key to this file, which may not exist.
fn can_write(known_hosts: &Path) -> bool {
    match fs::metadata(known_hosts) {
        // Opened, because access(2) does not know of everything that prevents it.
        Ok(found) => found.is_file() && OpenOptions::new().append(true).open(known_hosts).is_ok(),
        Err(_) => {
            let folder = known_hosts.parent().unwrap_or(Path::new("/"));
            // A folder that does not exist will be created.
            !known_hosts.is_symlink() && (!folder.exists() || access(folder, AccessFlags::W_OK).is_ok())
        }
    }
}
