//! `sync-up`: sends the project to its workspace on a dock.

use dockerutils_dock::Docks;
use dockerutils_project::Project;

use crate::dock_context::{accept_host_key, diagnose_ssh_failure, join_and_sync_with, resolve_dock};
use crate::version_file::write_version_file;
use crate::{Result, ui};

/// Send the project to its folder on a dock, except what .dockerignore excludes
#[derive(clap::Parser)]
#[command(name = "sync-up", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address (default: the dock of this terminal)
    name: Option<String>,
    /// Delete on the dock what no longer exists locally, except what .dockerignore excludes
    #[arg(long)]
    delete: bool,
    /// List what would be sent and deleted, and change nothing; this connects to the dock
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  sync-up                 send to /data/workspaces/me/code/proj on the dock of this terminal
  sync-up gpu --dry-run   list each file that is new or has changed locally
  sync-up gpu --delete    also delete what was removed locally";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such dock or no project, if the version file cannot be written, or if rsync fails.
pub fn run(args: &Args) -> Result {
    let docks = Docks::of_current_user()?;
    let dock = resolve_dock(&docks, args.name.as_deref())?;
    let project = Project::find(false)?;
    // A dry run connects to the dock too: only rsync knows what differs there.
    let runner = args.echo.runner(false);
    accept_host_key(&docks, &dock, &runner)?;
    let sync = join_and_sync_with(&docks, &dock, &project, &runner)?;
    write_version_file(&project, &args.echo.runner(args.dry_run))?;
    let diagnose =
        |error: dockerutils_sync::Error| diagnose_ssh_failure(&docks, &dock, error.into(), &runner);
    if !args.dry_run {
        return sync.up(args.delete, &runner).map_err(diagnose);
    }
    for change in sync.plan_up(args.delete, &runner).map_err(diagnose)? {
        ui::print_line(change)?;
    }
    Ok(())
}
