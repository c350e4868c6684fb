//! The terminals that are docked to a dock.

use dockerutils_dock::session::Session;
use dockerutils_dock::{Dock, Docks};

use crate::{Result, ui};

/// Returns the process IDs of the shells and commands that use the connection to a dock.
///
/// # Errors
/// Fails if the folder of the session cannot be read.
pub(crate) fn docked_processes(docks: &Docks, dock: &Dock) -> Result<Vec<u32>> {
    match Session::find(docks, dock)? {
        Some(session) => Ok(session.pids()?),
        None => Ok(Vec::new()),
    }
}

/// Names the terminals that are docked to a dock, which is about to end.
///
/// # Errors
/// Fails as [`docked_processes`] does.
pub(crate) fn mention_terminals(docks: &Docks, dock: &Dock) -> Result {
    let pids = docked_processes(docks, dock)?;
    if !pids.is_empty() {
        let pids = pids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        ui::note(format_args!(
            "terminals are docked to {} (shells and commands by process id: {pids})",
            dock.moniker
        ));
    }
    Ok(())
}
