//! What the commands cost, beside the bars that they are held to and beside the Python original.
//!
//! Prints tables in Markdown; asserts nothing about time, because a machine's mood is no failure. Run it on an idle
//! machine: `cargo bench --bench commands`.
#![allow(clippy::disallowed_types, reason = "a benchmark starts programs without an echo")]
#![allow(clippy::print_stdout, reason = "a benchmark prints, and stops where it cannot go on")]

mod measure;
mod original;
mod setting;
mod table;

use std::fs;

use measure::{beside, median_ms, peak_mb};
use original::Original;
use setting::Setting;
use table::{Added, Row};

const RUN_IMAGE: &str = env!("CARGO_BIN_EXE_run-image");
const BUILD_IMAGE: &str = env!("CARGO_BIN_EXE_build-image");
const GENVERSION: &str = env!("CARGO_BIN_EXE_genversion");
const COMMANDS: [(&str, &str); 3] =
    [("run-image", RUN_IMAGE), ("build-image", BUILD_IMAGE), ("genversion", GENVERSION)];

/// How often each of ours is run; a docker that does nothing takes a millisecond.
const RUNS: usize = 500;
/// How often the original is run, which takes many times as long.
const RUNS_OF_ORIGINAL: usize = 40;

const TIME_BAR_MS: f64 = 2.0;
const MEMORY_BAR_MB: f64 = 6.0;
const SIZE_BAR_MB: f64 = 2.0;

fn main() {
    if measure::is_peak_probe() {
        return measure::probe_peak();
    }
    let setting = Setting::new();
    let original = Original::install().map_err(|why| eprintln!("The original is left out: {why}")).ok();
    let (added, mut rows) = own_times(&setting, original.as_ref());
    rows.extend(help_times(&setting, original.as_ref()));
    rows.extend(peaks(&setting, original.as_ref()));
    rows.extend(sizes());
    table::print(&added, &rows);
}

fn own_times(setting: &Setting, original: Option<&Original>) -> (Vec<(String, Added)>, Vec<Row>) {
    let (mut added, mut rows) = (Vec::new(), Vec::new());
    for (name, path) in [("run-image", RUN_IMAGE), ("build-image", BUILD_IMAGE)] {
        let ours = own_time(setting, path, RUNS);
        let theirs = original.map(|it| own_time(setting, &it.path(name), RUNS_OF_ORIGINAL));
        let their_ms = theirs.as_ref().map(Added::ms);
        rows.push(Row::ms(format!("`{name} dev`: own time"), ours.ms(), TIME_BAR_MS, their_ms));
        added.push((format!("`{name} dev`"), ours));
        added.extend(theirs.map(|theirs| (format!("`{name} dev` of the original"), theirs)));
    }
    (added, rows)
}

fn help_times(setting: &Setting, original: Option<&Original>) -> impl Iterator<Item = Row> {
    COMMANDS.into_iter().map(move |(name, path)| {
        let help = |path: &str, runs| median_ms(runs, &mut setting.command(path, &["--help"]));
        // The original's genversion has no help.
        let theirs = original.filter(|_| name != "genversion");
        let theirs = theirs.map(|it| help(&it.path(name), RUNS_OF_ORIGINAL));
        Row::ms(format!("`{name} --help`"), help(path, RUNS), TIME_BAR_MS, theirs)
    })
}

/// Ours under a dry run, because a command that becomes docker has docker's peak. The original has no dry run.
fn peaks(setting: &Setting, original: Option<&Original>) -> Vec<Row> {
    let row =
        |name: &str, ours, theirs| Row::mb(format!("`{name}`: peak memory"), ours, MEMORY_BAR_MB, theirs);
    let mut rows = Vec::new();
    for (name, path) in [("run-image", RUN_IMAGE), ("build-image", BUILD_IMAGE)] {
        let ours = peak_mb(&setting.command(path, &["--dry-run", "dev"]));
        let theirs = original.map(|it| peak_mb(&setting.command(&it.path(name), &["dev"])));
        rows.push(row(name, ours, theirs));
    }
    setting.use_versioneer();
    rows.push(row("genversion", peak_mb(&setting.command(GENVERSION, &["--dry-run"])), None));
    rows
}

fn sizes() -> impl Iterator<Item = Row> {
    COMMANDS.into_iter().map(|(name, path)| {
        let bytes = fs::metadata(path).unwrap().len();
        Row::mb(format!("`{name}`: size"), table::mb(bytes), SIZE_BAR_MB, None)
    })
}

/// The command around a docker that does nothing, against that docker called directly with the same arguments.
fn own_time(setting: &Setting, path: &str, runs: usize) -> Added {
    let mut docker = setting.command("docker", &setting.docker_arguments(path));
    let (command, docker) = beside(runs, &mut setting.command(path, &["dev"]), &mut docker);
    Added { command, docker }
}
