//! `sync-up`: sends the project to its workspace on a dock.

use std::time::{Duration, Instant};

use dockerutils_dock::Docks;
use dockerutils_project::Project;
use dockerutils_sync::{Error, OnProgress, ProjectSync, UpOptions, UpPlan};

use crate::dock_context::{
    accept_host_key, check_outcome, diagnose_ssh_failure, join_and_sync_with, remember_workspace,
    report_kept_files, resolve_dock, waiting_for_dock,
};
use crate::ui::Size;
use crate::version_file::write_version_file;
use crate::{Result, ui};

/// Send the project to its folder on a dock, except what .dockerignore excludes and what changed there
#[derive(clap::Parser)]
#[command(name = "sync-up", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address (default: the dock of this terminal)
    name: Option<String>,
    /// The name or absolute path of the project's copy there (default: that of the last sync, or the project's name)
    #[arg(long = "as", value_name = "NAME")]
    workspace: Option<String>,
    /// Delete on the dock what was once the same on both sides and no longer exists locally
    #[arg(long)]
    delete: bool,
    /// Overwrite files that changed on both sides, and keep a backup on the dock
    #[arg(long)]
    force: bool,
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
  sync-up gpu --delete    also delete what was removed locally; results made on the dock stay
  sync-up gpu --force     send also what changed on both sides
  sync-up gpu --as two    keep a second clone apart from the first; later commands in it use that copy too";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such dock or no project, if the version file cannot be written, if rsync fails or leaves out
/// files, or if a file changed on both sides.
pub fn run(args: &Args) -> Result {
    let docks = Docks::of_current_user()?;
    crate::dock_context::warn_of_unfinished_creations(&docks);
    let dock = resolve_dock(&docks, args.name.as_deref())?;
    let project = Project::find(false)?;
    // A dry run connects to the dock too: only rsync knows what differs there.
    let runner = args.echo.runner(false);
    accept_host_key(&docks, &dock, &runner)?;
    let sync = join_and_sync_with(&docks, &dock, &project, args.workspace.as_deref(), &runner)?;
    write_version_file(&project, &args.echo.runner(args.dry_run))?;
    let diagnose = |error: Error| diagnose_ssh_failure(&docks, &dock, error.into(), &runner);
    let options = UpOptions { delete: args.delete, force: args.force };
    let begin = Instant::now();
    let plan = if args.dry_run {
        let plan = waiting_for_dock(&dock, || sync.plan_up(options, &runner)).map_err(diagnose)?;
        for change in plan.changes() {
            ui::print_line(change)?;
        }
        plan
    } else {
        let plan = waiting_for_dock(&dock, || sync.prepare_up(options, &runner)).map_err(diagnose)?;
        let up = |on_progress: Option<&OnProgress>| sync.execute_up(plan, on_progress, &runner);
        let plan = ui::show_progress(format_args!("to {}", sync.target.dock), up).map_err(diagnose)?;
        remember_workspace(&docks, &dock, &project, args.workspace.as_deref())?;
        report_kept_files(&plan, &sync.target.dock);
        ui::note(summary(&plan, &sync, begin.elapsed()));
        plan
    };
    if args.delete && !plan.remote_only.is_empty() {
        ui::note(format_args!(
            "not deleted, because they were made or changed on {}: {}",
            sync.target.dock,
            dockerutils_sync::shortened_list(&plan.remote_only)
        ));
    }
    check_outcome(format!("sync-up {}", sync.arguments), plan.shortfall(), plan.conflicts, plan.other_kinds)
}

/// Returns what was done, such as `3 files, 12 kB to gpu in 0.4 s; 1 file changed on gpu and was left (`sync-down gpu`
/// fetches it)`.
fn summary(plan: &UpPlan, sync: &ProjectSync, duration: Duration) -> String {
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let (files, size) = (count(plan.sent.len(), "file"), Size(plan.bytes));
    let (dock, arguments) = (&sync.target.dock, &sync.arguments);
    let mut text = format!("{files}, {size} to {dock} in {:.1} s", duration.as_secs_f64());
    if !plan.deleted.is_empty() {
        text += &format!("; {} deleted there", plan.deleted.len());
    }
    match plan.newer.len() {
        0 => {}
        1 => text += &format!("; 1 file changed on {dock} and was left (`sync-down {arguments}` fetches it)"),
        newer => {
            text += &format!(
                "; {newer} files changed on {dock} and were left (`sync-down {arguments}` fetches them)"
            );
        }
    }
    text
}
