//! `sync-down`: fetches what was created or changed in the project's workspace on a dock.

use dockerutils_command::Runner;
use dockerutils_dock::Docks;
use dockerutils_project::Project;
use dockerutils_sync::{DownPlan, OnProgress, ProjectSync, rsync_warning, shortened_list};

use crate::dock_context::{
    DockedEngine, accept_host_key, check_outcome, diagnose_ssh_failure, join_and_sync_with, resolve_dock,
    waiting_for_dock,
};
use crate::{Result, ui};

/// Fetch what was created or changed in the project's folder on a dock; nothing is deleted locally, and .git stays
#[derive(clap::Parser)]
#[command(name = "sync-down", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address (default: the dock of this terminal)
    name: Option<String>,
    /// The name or absolute path of the project's copy there (default: that of the last sync, or the project's name)
    #[arg(long = "as", value_name = "NAME")]
    workspace: Option<String>,
    /// Overwrite files that also changed locally, and keep a backup in ~/.docker/sync-backup
    #[arg(long)]
    force: bool,
    /// List what would be fetched, and change nothing; this connects to the dock
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  sync-down                 fetch from the dock of this terminal; a file that changed on both sides is named and kept
  sync-down gpu --dry-run   list each file that would be fetched
  sync-down gpu --force     take the dock's version of files that changed on both sides";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such dock or no project, if rsync fails, or if a file changed on both sides.
pub fn run(args: &Args) -> Result {
    let docks = Docks::of_current_user()?;
    crate::dock_context::warn_of_unfinished_creations(&docks);
    let dock = resolve_dock(&docks, args.name.as_deref())?;
    let project = Project::find(false)?;
    // A dry run connects to the dock too: only rsync knows what differs there.
    let runner = args.echo.runner(false);
    accept_host_key(&docks, &dock, &runner)?;
    let sync = join_and_sync_with(&docks, &dock, &project, args.workspace.as_deref(), &runner)?;
    warn_of_rsync(&runner)?;
    let mut plan = waiting_for_dock(&dock, || sync.plan_down(args.force, &runner))
        .map_err(|error| diagnose_ssh_failure(&docks, &dock, error.into(), &runner))?;
    if args.dry_run {
        for change in plan.changes() {
            ui::print_line(change)?;
        }
    } else {
        fetch(&sync, &mut plan, &runner)?;
    }
    check_outcome(format!("sync-down {}", sync.arguments), plan.shortfall(), plan.conflicts, plan.other_kinds)
}

/// Fetches what a container on a dock has created or changed, as the command does without flags.
///
/// # Errors
/// Fails as the command does.
pub(crate) fn fetch_after_run(engine: &DockedEngine, project: &Project, runner: &Runner) -> Result {
    let sync = engine.sync(project, runner)?;
    warn_of_rsync(runner)?;
    let mut plan = engine.waiting(runner, || sync.plan_down(false, runner))?;
    fetch(&sync, &mut plan, runner)?;
    check_outcome(format!("sync-down {}", sync.arguments), plan.shortfall(), plan.conflicts, plan.other_kinds)
}

/// Warns if the rsync of this machine trusts a dock too much.
fn warn_of_rsync(runner: &Runner) -> Result {
    if let Some(warning) = rsync_warning(runner)? {
        ui::warn(warning);
    }
    Ok(())
}

/// Fetches the files and prints them: the list on standard output, and what needs a look on standard error.
fn fetch(sync: &ProjectSync, plan: &mut DownPlan, runner: &Runner) -> Result {
    let down = |on_progress: Option<&OnProgress>| sync.down(plan, on_progress, runner);
    ui::show_progress(format_args!("from {}", sync.target.dock), down)?;
    for change in plan.changes() {
        ui::print_line(change)?;
    }
    let count = plan.fetched.len();
    let files = if count == 1 { "file" } else { "files" };
    ui::note(format_args!("fetched {count} {files} from {}", sync.target.dock));
    let risky = plan.risky();
    if !risky.is_empty() {
        ui::warn(format_args!(
            "look at these before you go on, because programs run or follow them by themselves: {}",
            shortened_list(&risky)
        ));
    }
    Ok(())
}
