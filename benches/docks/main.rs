//! What docks cost, beside their targets and beside what users do without them.
//!
//! The dock is made on this machine, so its share of the work is in the figures too. Prints a table in Markdown. It needs
//! root and an idle machine: `cargo bench --bench docks`, or `cargo bench --bench docks -- source` for one row.
#![allow(clippy::disallowed_types, reason = "a benchmark starts programs without an echo")]

mod check;
mod fixture;
mod list;
mod sync;
mod terminal;

use std::path::Path;

use dockerutils_testbed::bench::{Comparison, Rounds, ms, ratio, row_filter};
use dockerutils_testbed::{Unavailable, reexec_with_home};
use fixture::{Fixture, failures};
use terminal::{Terminal, seconds_of_line};

/// How often each command is run.
const ROUNDS: Rounds = Rounds { warm_up: 2, counted: 21 };

type Measure = fn(&Fixture) -> Comparison;

/// The measurements, by the names that an argument may choose from.
const ROWS: [(&str, Measure); 8] = [
    ("far", far_images),
    ("near", near_images),
    ("many", many_at_once),
    ("source", source_dock),
    ("check-local", check::local),
    ("check-dock", check::dock),
    ("ls", list::row),
    ("sync", sync::row),
];

fn main() -> Result<(), Unavailable> {
    // The sessions and ssh's files of the benchmark must not be among the user's own.
    let commands = Path::new(env!("CARGO_BIN_EXE_register-dock")).parent().unwrap();
    if reexec_with_home(commands)? {
        return Ok(());
    }
    let fixture = Fixture::new()?;
    let filter = row_filter();
    let table = Comparison::start_table();
    for (_, row) in ROWS.iter().filter(|(name, _)| name.starts_with(&filter)) {
        row(&fixture).print(&table);
    }
    Ok(())
}

fn far_images(fixture: &Fixture) -> Comparison {
    let docked = Terminal::docked_to("far");
    let images = |host: &str| fixture.docker(host, &["images"]);
    let [ours, tcp, ssh] =
        ROUNDS.medians_of([images(&docked.host), images(&fixture.far_tcp()), images("ssh://far")]);
    Comparison {
        what: "`docker images` docked, 25 ms one way".to_owned(),
        measured: ms(ours),
        reference: format!("plain TCP {}, `ssh://` {}", ms(tcp), ms(ssh)),
        result: ratio(ours, tcp),
        target: "1.05 × TCP".to_owned(),
    }
}

fn near_images(fixture: &Fixture) -> Comparison {
    let docked = Terminal::docked_to("near");
    let images = |host: &str| fixture.docker(host, &["images"]);
    let [ours, local, ssh] =
        ROUNDS.medians_of([images(&docked.host), images(&fixture.local()), images("ssh://near")]);
    Comparison {
        what: "`docker images` docked, no delay".to_owned(),
        measured: ms(ours),
        reference: format!("local engine {}, `ssh://` {}", ms(local), ms(ssh)),
        result: ratio(ours, local),
        target: "1.25 × local".to_owned(),
    }
}

fn many_at_once(fixture: &Fixture) -> Comparison {
    let docked = Terminal::docked_to("near");
    let failed = |host: &str| failures(100, &mut fixture.docker(host, &["ps"]));
    let ours = failed(&docked.host);
    Comparison {
        what: "100 parallel `docker ps` docked".to_owned(),
        measured: format!("{ours} failures"),
        reference: format!("`ssh://` {} failures", failed("ssh://near")),
        result: ours.to_string(),
        target: "0".to_owned(),
    }
}

fn source_dock(fixture: &Fixture) -> Comparison {
    let lines = ["source \"$0\" near", "ssh near true"];
    let [ours, ssh] = ROUNDS.medians(|subject| {
        fixture.wait_until_disconnected();
        seconds_of_line(lines[subject])
    });
    Comparison {
        what: "`source dock NAME`".to_owned(),
        measured: ms(ours),
        reference: format!("`ssh HOST true` {}", ms(ssh)),
        result: ratio(ours, ssh),
        target: "1.1 × ssh".to_owned(),
    }
}
