//! What goes with the last dock.

use dockerutils_dock::Docks;

use crate::ui;

/// Removes our lines from `~/.ssh/config` if no dock is left. If the file cannot be changed, ssh ignores
/// the line, because the file that it includes does not exist.
pub(crate) fn exclude_from_ssh_config(docks: &Docks) {
    match docks.exclude_from_ssh_config() {
        Ok(false) => {}
        Ok(true) => ui::note("that was the last dock: ~/.ssh/config no longer includes any"),
        Err(error) => ui::note(error),
    }
}
