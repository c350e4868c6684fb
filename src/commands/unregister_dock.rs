//! Forgets a dock: its record, its host key, its piece of ssh configuration and what was synced with it.

use crate::dock_context::docks;
use crate::{Error, Result, ui};
use dockerutils_dock::session::Session;
use dockerutils_dock::{Dock, Docks};

/// Forget a dock: record, host key, ssh configuration and what syncs have kept; the machine itself is left alone
#[derive(clap::Parser)]
#[command(name = "unregister-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address
    name: String,
    /// Say which dock would be forgotten, and forget none
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Example:
  unregister-dock gpu       its folder in ~/.docker is gone, unless it holds files of yours";

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    let docks = docks()?;
    // A broken record is forgotten too, and nobody could be docked by it.
    if let Ok(dock) = docks.find(&args.name) {
        refuse_if_used(&docks, &dock)?;
    }
    if args.dry_run {
        let dock = docks.find(&args.name)?;
        ui::note(format_args!("would forget `{}` at {}", dock.moniker, dock.address));
    } else {
        ui::note(format_args!("the dock at {} is forgotten", docks.unregister(&args.name)?));
    }
    Ok(())
}

/// Whoever is docked would keep a connection that has no dock.
fn refuse_if_used(docks: &Docks, dock: &Dock) -> Result {
    let pids = Session::of(docks, dock).used_by()?;
    if pids.is_empty() { Ok(()) } else { Err(Error::InUse { dock: dock.moniker.to_string(), pids }) }
}
