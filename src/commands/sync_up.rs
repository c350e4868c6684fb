//! Sends the project to a dock.

use crate::Result;
use crate::dock_context::{docks, explain, list, meet, named_or_current, sync_with};
use crate::version_file::write_version_file;
use dockerutils_command::Runner;
use dockerutils_dock::session::Session;
use dockerutils_project::Project;

/// Send the project to its folder on a dock, without what .dockerignore leaves out
#[derive(clap::Parser)]
#[command(name = "sync-up", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address; the dock that this terminal is docked to if nothing is said
    name: Option<String>,
    /// Delete there what is no longer here; what .dockerignore leaves out is spared
    #[arg(long)]
    delete: bool,
    /// List what would be sent and deleted, and do neither; the dock is asked
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  sync-up                 to /data/workspaces/me/code/proj on the dock of this terminal
  sync-up gpu --dry-run   one line for each file that is new or changed here
  sync-up gpu --delete    and away with what was removed here";

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    let docks = docks()?;
    let dock = named_or_current(&docks, args.name.as_deref())?;
    let project = Project::find()?;
    let sync = sync_with(&docks, &dock, &project)?;
    let runner = Runner::new(false);
    meet(&docks, &dock, &runner)?;
    Session::of(&docks, &dock).join(&runner)?;
    write_version_file(project.root(), &Runner::new(args.dry_run))?;
    let sent = match args.dry_run {
        true => sync.plan_up(args.delete, &runner),
        false => sync.up(args.delete, &runner).map(|()| Vec::new()),
    };
    list(sent.map_err(|error| explain(&docks, &dock, error.into(), &runner))?)
}
