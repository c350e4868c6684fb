//! `ls-dock`: lists the docks, and whether docker responds on each.

mod instances;

use std::thread;
use std::time::Duration;

use chrono::Utc;
use dockerutils_dock::{Dock, Docks, Listing, Probe, probe};

use self::instances::{name_gone_docks, remind_of_long_runs};
use crate::Result;
use crate::dock_context::{DockContext, DockContextError, announce_host_key, warn_of_unfinished_creations};
use crate::instance_states::InstanceState;
use crate::ui::{self, DockRow, Ec2Cells};

/// List the docks and whether docker responds there; the dock of this terminal is marked with *
#[derive(clap::Parser)]
#[command(name = "ls-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Do not connect to the docks
    #[arg(long)]
    no_probe: bool,
    /// Do not query EC2
    #[arg(long)]
    no_aws: bool,
    /// How long a dock may take to respond; all are probed in parallel
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = seconds)]
    timeout: u64,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::VerboseEchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  ls-dock                  the latency is that of ssh and docker together
  ls-dock --no-probe       only the records
  ls-dock --no-aws         docks on EC2 without the state of their instances
  ls-dock --json           for programs: state, docker, latency_ms, problem, …";

fn seconds(text: &str) -> std::result::Result<u64, String> {
    let seconds = text.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
    seconds
        .ok_or_else(|| format!("`{text}` is not a valid timeout: write a number of seconds from 1 to 3600"))
}

/// Runs the command.
///
/// # Errors
/// Fails if the records cannot be read or one is broken, if ssh cannot be started, or if standard output cannot be
/// written to.
pub fn run(args: &Args) -> Result {
    let docks = Docks::of_current_user()?;
    warn_of_unfinished_creations(&docks);
    let Listing { docks: listed, broken } = docks.list()?;
    broken.iter().for_each(ui::note);
    if listed.is_empty() && broken.is_empty() {
        ui::note("no dock is registered: `register-dock ADDRESS MONIKER` registers one");
    }
    // Best effort: the list is of use without, and the file is written again by the next command that changes a record.
    let _ = if args.dry_run { Ok(()) } else { docks.refresh_ssh_config() };
    // Both at the same time, because each may take up to the timeout.
    let (probes, states) = thread::scope(|scope| {
        let states = scope.spawn(|| instances::states(&listed, args));
        let probes = if args.no_probe { Ok(Vec::new()) } else { probe_all(&docks, &listed, args) };
        (probes, states.join().unwrap_or_default())
    });
    let probes = probes?;
    if args.dry_run {
        return Ok(());
    }
    let rows = rows(&docks, &listed, probes, &states);
    remind_of_long_runs(&docks, &rows);
    name_gone_docks(&rows);
    if args.json {
        ui::print_json(&ui::dock_json(&rows))?;
    } else if !rows.is_empty() {
        ui::print_line(ui::dock_table(&rows))?;
    }
    if broken.is_empty() { Ok(()) } else { Err(DockContextError::BrokenRecords.into()) }
}

fn probe_all(docks: &Docks, listed: &[Dock], args: &Args) -> Result<Vec<Probe>> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let waiting = ui::waiting_for(what(listed));
    let probes = probe(docks, listed, Duration::from_secs(args.timeout), &args.echo.runner(args.dry_run))?;
    drop(waiting);
    listed.iter().zip(&probes).for_each(|(dock, probe)| announce_host_key(dock, probe.new_key.as_deref()));
    Ok(probes)
}

/// Returns what `waiting for …` names.
fn what(listed: &[Dock]) -> String {
    match listed {
        [dock] => dock.moniker.to_string(),
        _ => format!("{} docks", listed.len()),
    }
}

fn rows<'a>(
    docks: &Docks,
    listed: &'a [Dock],
    probes: Vec<Probe>,
    states: &[InstanceState],
) -> Vec<DockRow<'a>> {
    let current = named_dock().unwrap_or_else(|error| {
        ui::warn(format_args!("this terminal is docked, but {error}"));
        None
    });
    let mut probes = probes.into_iter();
    let row = |dock| {
        let probe = probes.next();
        let is_current = current.as_ref() == Some(dock);
        DockRow { dock, is_current, ec2: ec2_cells(docks, dock, states, probe.as_ref()), probe }
    };
    listed.iter().map(row).collect()
}

/// Returns what is known about the instance of a dock; `None` if it is not one of EC2.
fn ec2_cells(
    docks: &Docks,
    dock: &Dock,
    states: &[InstanceState],
    probe: Option<&Probe>,
) -> Option<Ec2Cells> {
    let id = dock.instance_id.as_ref()?;
    // A file that is not valid costs its columns only.
    let known = docks.instance(dock).unwrap_or_else(|error| {
        ui::warn(error);
        None
    });
    Some(Ec2Cells {
        state: states.iter().find(|state| state.id == id.as_str()).cloned(),
        known,
        idle: probe.and_then(|probe| probe.idle.clone()),
        now: Utc::now(),
    })
}

fn named_dock() -> Result<Option<Dock>> {
    Ok(DockContext::of_terminal()?.into_named_dock()?)
}
