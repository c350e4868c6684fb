//! What docks cost, beside their bars and beside what users do without them.
//!
//! The dock is one that the testkit makes on this machine, so its share of the work is in the figures too. Prints a table
//! in Markdown; asserts nothing about time, because a machine's mood is no failure. It needs root, and a machine that is
//! idle: `cargo bench --bench docks`, or `cargo bench --bench docks -- source` for one row.
#![allow(clippy::disallowed_types, reason = "a benchmark starts programs without an echo")]
#![allow(clippy::print_stdout, reason = "a benchmark prints, and stops where it cannot go on")]

mod list;
mod measure;
mod setting;
mod sync;
mod table;
mod terminal;

use std::env;
use std::path::Path;

use dockerutils_testbed::{Unavailable, reexec_with_home};
use measure::{failures_of, in_turns, medians};
use nix::unistd::geteuid;
use setting::Setting;
use table::{Row, ms, ratio};
use terminal::{Terminal, time_of_line_ms};

/// How often each command is run.
const RUNS: usize = 21;

type Measure = fn(&Setting) -> Row;

/// What is measured, by the names that an argument may choose from.
const ROWS: [(&str, Measure); 6] = [
    ("far", far_images),
    ("near", near_images),
    ("many", many_at_once),
    ("source", source_dock),
    ("ls", list::row),
    ("sync", sync::row),
];

fn main() {
    if !geteuid().is_root() {
        return eprintln!("SKIPPED: {}", Unavailable::NotRoot);
    }
    let commands = Path::new(env!("CARGO_BIN_EXE_register-dock")).parent().unwrap();
    if reexec_with_home(commands).unwrap() {
        return;
    }
    let setting = match Setting::new() {
        Ok(setting) => setting,
        Err(reason) => return eprintln!("SKIPPED: {reason}"),
    };
    let wanted = env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    let rows = ROWS.iter().filter(|(name, _)| name.starts_with(&wanted));
    table::print(rows.map(|(_, row)| row(&setting)));
}

fn far_images(setting: &Setting) -> Row {
    let docked = Terminal::docked_to("far");
    let images = |host: &str| setting.docker(host, &["images"]);
    let [ours, tcp, ssh] =
        medians(RUNS, [images(&docked.host), images(&setting.far_tcp()), images("ssh://far")]);
    Row {
        what: "`docker images` docked, 25 ms one way",
        ours: ms(ours),
        beside: format!("plain TCP {}, `ssh://` {}", ms(tcp), ms(ssh)),
        held: ratio(ours, tcp),
        bar: "1.05 × TCP",
    }
}

fn near_images(setting: &Setting) -> Row {
    let docked = Terminal::docked_to("near");
    let images = |host: &str| setting.docker(host, &["images"]);
    let [ours, local, ssh] =
        medians(RUNS, [images(&docked.host), images(&setting.local()), images("ssh://near")]);
    Row {
        what: "`docker images` docked, no delay",
        ours: ms(ours),
        beside: format!("local engine {}, `ssh://` {}", ms(local), ms(ssh)),
        held: ratio(ours, local),
        bar: "1.25 × local",
    }
}

fn many_at_once(setting: &Setting) -> Row {
    let docked = Terminal::docked_to("near");
    let failures = |host: &str| failures_of(100, &mut setting.docker(host, &["ps"]));
    let ours = failures(&docked.host);
    Row {
        what: "100 parallel `docker ps` docked",
        ours: format!("{ours} failures"),
        beside: format!("`ssh://` {} failures", failures("ssh://near")),
        held: ours.to_string(),
        bar: "0",
    }
}

fn source_dock(setting: &Setting) -> Row {
    let lines = ["source \"$0\" near", "ssh near true"];
    let [ours, ssh] = in_turns(RUNS, |which| {
        setting.wait_until_nobody_is_connected();
        time_of_line_ms(lines[which])
    });
    Row {
        what: "`source dock NAME`",
        ours: ms(ours),
        beside: format!("`ssh HOST true` {}", ms(ssh)),
        held: ratio(ours, ssh),
        bar: "1.1 × ssh",
    }
}
