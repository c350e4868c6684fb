//! A dock's fragment of ssh configuration: for `ssh MONIKER`, scp, rsync, editors and docker's `ssh://`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use dockerutils_ssh::{HostOptions, option_value};

use crate::Dock;

/// The fragment's name in a dock's folder.
pub(crate) const FILE: &str = "ssh_config";

/// The longest path of a control socket that the fragment names: a socket's address holds 104 bytes on macOS, and ssh
/// needs some of them for a temporary name.
const MAX_CONTROL_PATH: usize = 90;

/// Returns the path at which ssh looks for a master connection when docker calls it (`DOCKER_HOST=ssh://…`): a link to
/// the session's control socket, which exists while a terminal is docked that way.
pub(crate) fn control_link(folder: &Path) -> PathBuf {
    folder.join("connection")
}

/// Returns the text of the fragment in a dock's folder: the options of every ssh to it, for the moniker and for
/// `user@address`, which is what docker calls.
pub(crate) fn format(dock: &Dock, options: &HostOptions, folder: &Path) -> String {
    let Dock { moniker, address, user, .. } = dock;
    let options = options.config_lines();
    // `Match originalhost` with `user`, because a `Host` block would also apply to other users of the same machine.
    let mut text = format!(
        "# Written by register-dock, removed by unregister-dock.\nHost {moniker}\n  HostName {address}\n  User {user}\n\
         {options}Match originalhost {address} user {user}\n{options}"
    );
    let control = option_value(&control_link(folder));
    // It belongs to the block of `user@address`, which is what docker calls.
    if control.len() < MAX_CONTROL_PATH {
        let _ = writeln!(text, "  ControlPath {control}");
    }
    text
}
