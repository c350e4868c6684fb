//! `ls-dock`: lists the docks, and whether docker responds on each.

use std::time::Duration;

use dockerutils_dock::{Dock, Docks, Listing, Probe, probe};

use crate::Result;
use crate::dock_context::{DockContext, DockContextError, announce_host_key};
use crate::ui::{self, DockRow};

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
    let Listing { docks: listed, broken } = docks.list()?;
    broken.iter().for_each(ui::note);
    if listed.is_empty() && broken.is_empty() {
        ui::note("no dock is registered: `register-dock ADDRESS MONIKER` registers one");
    }
    // Best effort: the list is of use without, and the file is written again by the next command that changes a record.
    let _ = if args.dry_run { Ok(()) } else { docks.refresh_ssh_config() };
    let probes = if args.no_probe { Vec::new() } else { probe_all(&docks, &listed, args)? };
    if args.dry_run {
        return Ok(());
    }
    let rows = rows(&listed, probes);
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

fn rows<'a>(listed: &'a [Dock], probes: Vec<Probe>) -> Vec<DockRow<'a>> {
    let current = named_dock().unwrap_or_else(|error| {
        ui::warn(format_args!("this terminal is docked, but {error}"));
        None
    });
    let mut probes = probes.into_iter();
    let row = |dock| DockRow {
        dock,
        is_current: current.as_ref() == Some(dock),
        instance_state: None,
        probe: probes.next(),
    };
    listed.iter().map(row).collect()
}

fn named_dock() -> Result<Option<Dock>> {
    Ok(DockContext::of_terminal()?.into_named_dock()?)
}
