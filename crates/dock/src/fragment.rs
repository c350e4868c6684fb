//! The docks in the user's ssh configuration: for `ssh MONIKER`, scp, rsync, editors and docker's `ssh://`.
//!
//! All of them stand in one file, which the user's configuration includes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use dockerutils_ssh::{HostOptions, option_value};

use crate::Dock;

/// The file's name in `~/.docker`.
pub(crate) const FILE: &str = "dockerutils.ssh_config";

/// The name that the file of each dock had in the dock's folder, before there was one for all.
pub(crate) const OLD_FILE: &str = "ssh_config";

/// The name in a dock's folder of the file for our own calls.
pub(crate) const CALLS: &str = "ssh";
/// The name in a dock's folder of the file for probes.
pub(crate) const PROBES: &str = "ssh-probe";

/// The first line of the file.
pub(crate) const HEAD: &str = "# Written by dockerutils from the records of the docks. Changes are lost.\n";

/// The longest path of a control socket that the file names: a socket's address holds 104 bytes on macOS, and ssh needs
/// some of them for a temporary name.
const MAX_CONTROL_PATH: usize = 90;

/// Returns the path at which ssh looks for a master connection: a link to the session's control socket, which exists
/// while a terminal is docked.
pub(crate) fn control_link(folder: &Path) -> PathBuf {
    folder.join("connection")
}

/// Returns whether every system can use a control socket at this path.
pub(crate) fn is_control_path(link: &Path) -> bool {
    option_value(link).len() < MAX_CONTROL_PATH
}

/// Returns the lines of one dock: the options of every ssh to it, for its moniker if `has_moniker`, and for
/// `user@address`, which is what docker calls.
pub(crate) fn format(dock: &Dock, options: &HostOptions, folder: &Path, has_moniker: bool) -> String {
    let Dock { moniker, address, user, .. } = dock;
    let options = options.config_lines();
    let mut text = String::new();
    if has_moniker {
        let _ = write!(text, "Host {moniker}\n  HostName {address}\n  User {user}\n{options}");
    }
    // `Match originalhost` with `user`, because a `Host` block would also apply to other users of the same machine.
    let _ = write!(text, "Match originalhost {address} user {user}\n{options}");
    let link = control_link(folder);
    // It belongs to the block of `user@address`, which is what docker calls.
    if is_control_path(&link) {
        let _ = writeln!(text, "  ControlPath {}", option_value(&link));
    }
    text
}
