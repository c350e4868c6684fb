//! Lists the docks, and asks each whether docker answers there.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

use dockerutils::{Error, Result, Row, docks, json, say, say_new_key, table};
use dockerutils_command::Runner;
use dockerutils_dock::{Dock, Docks, Listing, Probe, probe};

/// List the docks and whether docker answers there; the one this terminal is docked to has a *
#[derive(clap::Parser)]
#[command(name = "ls-dock", version, after_help = EXAMPLES)]
struct Args {
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

fn main() -> ExitCode {
    dockerutils::main(|args: Args| {
        let docks = docks()?;
        let Listing { docks: listed, broken } = docks.list()?;
        broken.iter().for_each(say);
        if listed.is_empty() && broken.is_empty() {
            say("no dock is registered: `register-dock ADDRESS MONIKER` registers one");
        }
        let probes = if args.no_probe { Vec::new() } else { asked(&docks, &listed, &args)? };
        if args.dry_run {
            return Ok(());
        }
        let rows = rows(&docks, &listed, probes);
        let text = if args.json { json(&rows) } else { table(&rows) };
        if args.json || !rows.is_empty() {
            // Whoever closed our standard output has read enough.
            let _ = writeln!(stdout(), "{text}");
        }
        if broken.is_empty() { Ok(()) } else { Err(Error::BrokenRecords) }
    })
}

fn asked(docks: &Docks, listed: &[Dock], args: &Args) -> Result<Vec<Probe>> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let probes = probe(docks, listed, Duration::from_secs(args.timeout), &Runner::new(args.dry_run))?;
    listed.iter().zip(&probes).for_each(|(dock, probe)| say_new_key(dock, probe.new_key.as_deref()));
    Ok(probes)
}

fn rows<'a>(docks: &Docks, listed: &'a [Dock], probes: Vec<Probe>) -> Vec<Row<'a>> {
    let current = docks.current().unwrap_or_else(|error| {
        say(format_args!("warning: this terminal is docked, but {error}"));
        None
    });
    let mut probes = probes.into_iter();
    let row = |dock| Row {
        dock,
        is_current: current.as_ref() == Some(dock),
        instance_state: None,
        probe: probes.next(),
    };
    listed.iter().map(row).collect()
}
