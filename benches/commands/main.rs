//! What the commands cost, beside their targets and beside the Python original.
//!
//! Prints tables in Markdown. Run it on an idle machine: `cargo bench --bench commands`.
#![allow(clippy::disallowed_types, reason = "a benchmark starts programs without an echo")]
#![allow(clippy::print_stdout, reason = "a benchmark prints, and stops where it cannot go on")]

mod care;
mod fixture;
mod memory;
mod thin;

use std::fs;
use std::path::Path;

use dockerutils_testbed::bench::{Column, Original, Rounds, Table};
use fixture::Fixture;
use memory::peak_mb;

const RUN_IMAGE: &str = env!("CARGO_BIN_EXE_run-image");
const BUILD_IMAGE: &str = env!("CARGO_BIN_EXE_build-image");
const GENVERSION: &str = env!("CARGO_BIN_EXE_genversion");
const COMMANDS: [(&str, &str); 3] =
    [("run-image", RUN_IMAGE), ("build-image", BUILD_IMAGE), ("genversion", GENVERSION)];

/// Our commands: a docker that does nothing takes a millisecond.
const OURS: Rounds = Rounds { warm_up: 5, counted: 500 };
/// The original takes many times as long.
const THEIRS: Rounds = Rounds { warm_up: 5, counted: 40 };

const TIME_TARGET_MS: f64 = 2.0;
const MEMORY_TARGET_MB: f64 = 6.0;
const SIZE_TARGET_MB: f64 = 2.0;

fn main() {
    if memory::is_probe() {
        return memory::run_probe();
    }
    let fixture = Fixture::new();
    let original = Original::install(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let original = original.map_err(|reason| eprintln!("The original is left out: {reason}")).ok();
    let mut rows = own_times(&fixture, original.as_ref());
    rows.extend(help_times(&fixture, original.as_ref()));
    rows.extend(thin::rows(&fixture));
    rows.extend(memory_peaks(&fixture, original.as_ref()));
    rows.extend(sizes());
    print(&rows);
    care::print();
}

/// What a command adds to a docker that does nothing: median times in seconds.
struct Added {
    command: f64,
    docker: f64,
}

impl Added {
    fn ms(&self) -> f64 {
        (self.command - self.docker) * 1e3
    }
}

/// A figure, its target, and the original's figure.
struct Row {
    what: String,
    measured: f64,
    target: f64,
    original: Option<f64>,
    unit: &'static str,
}

/// Measures what the commands add to docker, prints the table of it, and returns the rows for the next table.
fn own_times(fixture: &Fixture, original: Option<&Original>) -> Vec<Row> {
    let table = Table::start(&[
        Column::Text("command"),
        Column::Number("around a docker that does nothing"),
        Column::Number("that docker alone"),
        Column::Number("added"),
        Column::Number("ratio"),
    ]);
    let print = |what: String, added: &Added| {
        let Added { command, docker } = added;
        let ms = |seconds: f64| format!("{:.2} ms", seconds * 1e3);
        let ratio = format!("{:.1}", command / docker);
        table.row(&[what, ms(*command), ms(*docker), ms(command - docker), ratio]);
    };
    let mut rows = Vec::new();
    for (name, path) in [("run-image", RUN_IMAGE), ("build-image", BUILD_IMAGE)] {
        let ours = own_time(fixture, path, OURS);
        print(format!("`{name} dev`"), &ours);
        let theirs = original.map(|original| own_time(fixture, &original.path(name), THEIRS));
        if let Some(theirs) = &theirs {
            print(format!("`{name} dev` of the original"), theirs);
        }
        let what = format!("`{name} dev`: own time");
        let original = theirs.as_ref().map(Added::ms);
        rows.push(Row { what, measured: ours.ms(), target: TIME_TARGET_MS, original, unit: "ms" });
    }
    rows
}

/// Measures the command around a docker that does nothing, and that docker called directly with the same arguments.
fn own_time(fixture: &Fixture, path: &str, rounds: Rounds) -> Added {
    let docker = fixture.command("docker", &fixture.docker_arguments(path));
    let [command, docker] = rounds.medians_of([fixture.command(path, &["dev"]), docker]);
    Added { command, docker }
}

fn help_times(fixture: &Fixture, original: Option<&Original>) -> impl Iterator<Item = Row> {
    COMMANDS.into_iter().map(move |(name, path)| {
        let help = |path: &str, rounds: Rounds| {
            let [seconds] = rounds.medians_of([fixture.command(path, &["--help"])]);
            seconds * 1e3
        };
        // The original's genversion has no help.
        let original = original.filter(|_| name != "genversion");
        let original = original.map(|original| help(&original.path(name), THEIRS));
        let (what, measured) = (format!("`{name} --help`"), help(path, OURS));
        Row { what, measured, target: TIME_TARGET_MS, original, unit: "ms" }
    })
}

/// Measures ours in a dry run, because a command that becomes docker has docker's peak. The original has no dry run.
fn memory_peaks(fixture: &Fixture, original: Option<&Original>) -> Vec<Row> {
    let row = |name: &str, measured, original| {
        let what = format!("`{name}`: peak memory");
        Row { what, measured, target: MEMORY_TARGET_MB, original, unit: "MB" }
    };
    let mut rows = Vec::new();
    for (name, path) in [("run-image", RUN_IMAGE), ("build-image", BUILD_IMAGE)] {
        let measured = peak_mb(&fixture.command(path, &["--dry-run", "dev"]));
        let original = original.map(|original| peak_mb(&fixture.command(&original.path(name), &["dev"])));
        rows.push(row(name, measured, original));
    }
    fixture.use_versioneer();
    rows.push(row("genversion", peak_mb(&fixture.command(GENVERSION, &["--dry-run"])), None));
    rows
}

#[expect(clippy::cast_precision_loss, reason = "no size here has more than 52 bits")]
fn sizes() -> impl Iterator<Item = Row> {
    COMMANDS.into_iter().map(|(name, path)| {
        let measured = fs::metadata(path).unwrap().len() as f64 / 1e6;
        let what = format!("`{name}`: size");
        Row { what, measured, target: SIZE_TARGET_MB, original: None, unit: "MB" }
    })
}

fn print(rows: &[Row]) {
    let table = Table::start(&[
        Column::Text("what"),
        Column::Number("measured"),
        Column::Number("target"),
        Column::Number("measured / target"),
        Column::Number("original"),
        Column::Number("original / measured"),
    ]);
    for Row { what, measured, target, original, unit } in rows {
        let (theirs, ratio) = match original {
            Some(theirs) => (format!("{theirs:.1} {unit}"), format!("{:.0}", theirs / measured)),
            None => ("–".to_owned(), "–".to_owned()),
        };
        table.row(&[
            what.clone(),
            format!("{measured:.2} {unit}"),
            format!("{target} {unit}"),
            format!("{:.2}", measured / target),
            theirs,
            ratio,
        ]);
    }
}
