//! A dock's piece of ssh configuration, for `ssh MONIKER`, scp, rsync and editors.

use std::fmt::Write as _;

use crate::ssh::config_path;
use crate::{Dock, Docks};

/// The fragment's name in a dock's folder.
pub(crate) const FILE: &str = "ssh_config";

/// Says to ssh of the moniker what [`ssh`](crate::ssh::ssh) says in options.
pub(crate) fn format(docks: &Docks, dock: &Dock) -> String {
    let mut text = format!(
        "# Written by register-dock, removed by unregister-dock.\nHost {}\n  HostName {}\n  User {}\n",
        dock.moniker, dock.address, dock.user
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
    let known_hosts = config_path(&docks.known_hosts(dock));
    let _ = writeln!(text, "  UserKnownHostsFile {known_hosts}\n  StrictHostKeyChecking accept-new");
    text
}
