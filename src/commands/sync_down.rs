//! Brings back what was made or changed on a dock.

use crate::dock_context::{docks, explain, list, meet, named_or_current, sync_with};
use crate::{Result, ui};
use dockerutils_command::Runner;
use dockerutils_dock::session::Session;
use dockerutils_project::Project;
use dockerutils_sync::{Error, Plan, Sync};

/// Bring back what was made or changed in the project's folder on a dock; nothing is deleted here
#[derive(clap::Parser)]
#[command(name = "sync-down", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address; the dock that this terminal is docked to if nothing is said
    name: Option<String>,
    /// Overwrite files that were changed here too
    #[arg(long)]
    force: bool,
    /// List what would come, and bring nothing; the dock is asked
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  sync-down                 from the dock of this terminal; a file that was changed on both sides is named and left
  sync-down gpu --dry-run   one line for each file that would come
  sync-down gpu --force     what is on the dock wins";

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    let docks = docks()?;
    let dock = named_or_current(&docks, args.name.as_deref())?;
    let sync = sync_with(&docks, &dock, &Project::find()?)?;
    let runner = Runner::new(false);
    meet(&docks, &dock, &runner)?;
    Session::of(&docks, &dock).join(&runner)?;
    let mut plan =
        sync.plan_down(args.force, &runner).map_err(|error| explain(&docks, &dock, error.into(), &runner))?;
    if args.dry_run {
        list(plan.planned())?;
    } else {
        bring(&sync, &mut plan, &runner)?;
    }
    if plan.conflicts.is_empty() { Ok(()) } else { Err(Error::Conflicts(plan.conflicts).into()) }
}

fn bring(sync: &Sync, plan: &mut Plan, runner: &Runner) -> Result {
    sync.down(plan, runner)?;
    let count = plan.comes.len();
    let files = if count == 1 { "file" } else { "files" };
    ui::note(format_args!("{count} {files} came from {}", sync.workspace.dock));
    Ok(())
}
