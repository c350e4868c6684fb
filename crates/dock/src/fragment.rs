//! A dock's piece of ssh configuration, for `ssh MONIKER`, scp, rsync and editors, and for docker's `ssh://`.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::ssh::config_path;
use crate::{Dock, Docks};

/// The fragment's name in a dock's folder.
pub(crate) const FILE: &str = "ssh_config";

/// The longest path that ssh can take for a connection to share.
const LONGEST_CONTROL: usize = 90;

/// Where ssh looks for a connection to share when docker calls it (`DOCKER_HOST=ssh://…`). It is a link that is there
/// while a terminal is docked in that way.
pub(crate) fn control_link(docks: &Docks, dock: &Dock) -> PathBuf {
    docks.folder(dock).join("connection")
}

/// Says to ssh what [`ssh`](crate::ssh::ssh) says in options: of the moniker, and of `user@address`, which is how docker
/// calls it.
pub(crate) fn format(docks: &Docks, dock: &Dock) -> String {
    let Dock { moniker, address, user, .. } = dock;
    let settings = settings(docks, dock);
    let mut text = format!(
        "# Written by register-dock, removed by unregister-dock.\nHost {moniker}\n  HostName {address}\n  User {user}\n\
         {settings}Match originalhost {address} user {user}\n{settings}"
    );
    let control = config_path(&control_link(docks, dock));
    if control.len() < LONGEST_CONTROL {
        let _ = writeln!(text, "  ControlPath {control}");
    }
    text
}

fn settings(docks: &Docks, dock: &Dock) -> String {
    let known_hosts = config_path(&docks.known_hosts(dock));
    let mut text = format!(
        "  UserKnownHostsFile {known_hosts}\n  StrictHostKeyChecking accept-new\n  HostKeyAlias {}\n",
        dock.address
    );
    if let Some(port) = &dock.port {
        let _ = writeln!(text, "  Port {port}");
    }
    if let Some(identity) = &dock.identity {
        let path = config_path(&docks.path_of(identity));
        let _ = writeln!(text, "  IdentityFile {path}\n  IdentitiesOnly yes");
    }
    if let Some(jump) = &dock.jump {
        let _ = writeln!(text, "  ProxyJump {jump}");
    }
    text
}
