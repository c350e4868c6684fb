//! Creations of docks that were killed: every command for docks names them, because they may cost money.

use dockerutils_dock::Docks;

use crate::ui;

/// Prints a line for each create-dock that has ended without finishing or undoing its work.
pub(crate) fn warn_of_unfinished_creations(docks: &Docks) {
    // What cannot be listed must not stop a command for another dock.
    for attempt in docks.unfinished_attempts().unwrap_or_default() {
        if !attempt.is_live {
            ui::note(format_args!(
                "a create-dock of {0} was interrupted, and what it made may cost money: `create-dock {0} --resume` \
                 finishes or undoes it, `gc-docks` lists it",
                attempt.moniker
            ));
        }
    }
}
