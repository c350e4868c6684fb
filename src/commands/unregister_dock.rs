//! `unregister-dock`: removes a dock's record, host key, ssh configuration and sync state.

use dockerutils_dock::{Dock, Docks};

use crate::dock_context::{
    DockContextError, docked_processes, exclude_from_ssh_config, warn_of_unfinished_creations,
};
use crate::{Result, ui};

/// Remove a dock's record, host key, ssh configuration and sync state; the machine itself is not changed
#[derive(clap::Parser)]
#[command(name = "unregister-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address
    name: String,
    /// Print which dock would be removed and remove nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Example:
  unregister-dock gpu       remove its folder in ~/.docker, except files of yours";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such dock, if a terminal is docked to it, or if its files cannot be removed.
pub fn run(args: &Args) -> Result {
    let docks = Docks::of_current_user()?;
    warn_of_unfinished_creations(&docks);
    // A broken record is removed too; no terminal can be docked with it.
    if let Ok(dock) = docks.find(&args.name) {
        refuse_if_used(&docks, &dock)?;
    }
    if args.dry_run {
        let dock = docks.find(&args.name)?;
        ui::note(format_args!("would remove `{}` at {}", dock.moniker, dock.address));
    } else {
        ui::note(format_args!("removed the dock at {}", docks.unregister(&args.name)?));
        exclude_from_ssh_config(&docks);
    }
    Ok(())
}

/// Fails if a terminal is docked to the dock: its connection could not be opened again without the record.
fn refuse_if_used(docks: &Docks, dock: &Dock) -> Result {
    let pids = docked_processes(docks, dock)?;
    if pids.is_empty() {
        Ok(())
    } else {
        Err(DockContextError::InUse { dock: dock.moniker.to_string(), pids }.into())
    }
}
