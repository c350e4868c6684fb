//! Lists the docks, and asks each whether docker answers there.

use std::time::Duration;

use crate::dock_context::{docks, say_new_key};
use crate::ui::{self, DockRow};
use crate::{Error, Result};
use dockerutils_command::Runner;
use dockerutils_dock::{Dock, Docks, Listing, Probe, probe};

/// List the docks and whether docker answers there; the one this terminal is docked to has a *
#[derive(clap::Parser)]
#[command(name = "ls-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Ask no dock
    #[arg(long)]
    no_probe: bool,
    /// How long a dock may take to answer; all are asked at once
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Show what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  ls-dock                  the latency is that of ssh and docker together
  ls-dock --no-probe       only what is registered, at once
  ls-dock --json           for programs: state, docker, latency_ms, problem, …";

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    let docks = docks()?;
    let Listing { docks: listed, broken } = docks.list()?;
    broken.iter().for_each(ui::note);
    if listed.is_empty() && broken.is_empty() {
        ui::note("no dock is registered: `register-dock ADDRESS MONIKER` registers one");
    }
    let probes = if args.no_probe { Vec::new() } else { asked(&docks, &listed, args)? };
    if args.dry_run {
        return Ok(());
    }
    let rows = rows(&docks, &listed, probes);
    if args.json {
        ui::print_json(&ui::dock_json(&rows))?;
    } else if !rows.is_empty() {
        ui::print_line(ui::dock_table(&rows))?;
    }
    if broken.is_empty() { Ok(()) } else { Err(Error::BrokenRecords) }
}

fn asked(docks: &Docks, listed: &[Dock], args: &Args) -> Result<Vec<Probe>> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let probes = probe(docks, listed, Duration::from_secs(args.timeout), &Runner::new(args.dry_run))?;
    listed.iter().zip(&probes).for_each(|(dock, probe)| say_new_key(dock, probe.new_key.as_deref()));
    Ok(probes)
}

fn rows<'a>(docks: &Docks, listed: &'a [Dock], probes: Vec<Probe>) -> Vec<DockRow<'a>> {
    let current = docks.current().unwrap_or_else(|error| {
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
