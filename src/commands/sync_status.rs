//! `sync-status`: what sync-up and sync-down would do.

use std::fmt::Display;

use dockerutils_dock::Docks;
use dockerutils_project::Project;
use dockerutils_sync::{PlannedChange, UpOptions};

use crate::dock_context::{
    accept_host_key, diagnose_ssh_failure, join_and_sync_with, resolve_dock, waiting_for_dock,
};
use crate::{Result, ui};

/// List what sync-up and sync-down would do, and change nothing
#[derive(clap::Parser)]
#[command(name = "sync-status", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address (default: the dock of this terminal)
    name: Option<String>,
    /// Print the command that compares both sides, and do not connect
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  sync-status gpu
    up    src/train.py     sync-up sends it
    down  out/model.bin    sync-down fetches it
    both  notes.ipynb      changed on both sides: left alone without --force
    kind  data             a file or link on one side, a folder on the other: left alone
    gone  src/old.py       deleted here: sync-up --delete deletes it on the dock";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such dock or no project, or if rsync fails or cannot read everything.
pub fn run(args: &Args) -> Result {
    let docks = Docks::of_current_user()?;
    crate::dock_context::warn_of_unfinished_creations(&docks);
    let dock = resolve_dock(&docks, args.name.as_deref())?;
    let project = Project::find(false)?;
    let runner = args.echo.runner(args.dry_run);
    accept_host_key(&docks, &dock, &runner)?;
    let sync = join_and_sync_with(&docks, &dock, &project, None, &runner)?;
    let options = UpOptions { delete: true, force: false };
    let plan = waiting_for_dock(&dock, || sync.plan_up(options, &runner))
        .map_err(|error| diagnose_ssh_failure(&docks, &dock, error.into(), &runner))?;
    if args.dry_run {
        return Ok(());
    }
    if plan.is_first {
        ui::note(format_args!("{} has no copy yet: `sync-up {0}` sends everything", dock.moniker));
    }
    for (word, paths) in [
        ("up", &plan.sent),
        ("down", &plan.to_fetch()),
        ("both", &plan.conflicts),
        ("kind", &plan.other_kinds),
        ("gone", &plan.deleted),
    ] {
        for path in paths {
            print(word, &PlannedChange { path: path.clone(), is_deleted: false })?;
        }
    }
    plan.gap().map_or(Ok(()), |gap| Err(gap.into()))
}

fn print(word: &str, path: impl Display) -> Result {
    Ok(ui::print_line(format_args!("{word:<4}  {path}"))?)
}
