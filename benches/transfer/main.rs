//! What transfer-image costs, beside its bars and beside what users do without it.
//!
//! The dock is one that the testkit makes on this machine, so its share of the work is in the figures too; both engines
//! have disks of their own, so the file system that this runs on is not in them. Prints tables in Markdown; asserts
//! nothing about time, because a machine's mood is no failure. It needs root, and a machine that is idle:
//!
//! ```text
//! cargo bench --bench transfer                       every row, from Docker 20.10 to Docker 20.10
//! cargo bench --bench transfer -- far                the rows whose names begin so
//! cargo bench --bench transfer -- changed 26 26c     from 26.1 to 26.1 with containerd's store
//! ```
#![allow(clippy::disallowed_types, reason = "a benchmark starts programs without an echo")]
#![allow(clippy::print_stdout, reason = "a benchmark prints, and stops where it cannot go on")]

mod changed;
mod first;
mod measure;
mod setting;
mod table;
mod ways;

use std::env;
use std::path::Path;

use dockerutils_testbed::{Unavailable, Version, reexec_with_home};
use nix::unistd::geteuid;
use setting::{Pair, Setting};

type Measure = fn(&Setting);

/// What is measured, by the names that an argument may choose from.
const ROWS: [(&str, Measure); 9] = [
    ("near-random", first::near_random),
    ("near-libraries", first::near_libraries),
    ("gigabit-random", first::gigabit_random),
    ("gigabit-libraries", first::gigabit_libraries),
    ("far-random", first::far_random),
    ("far-libraries", first::far_libraries),
    ("changed", changed::on_205_mb),
    ("nothing", changed::nothing),
    ("memory", changed::peak_of_first),
];

/// The one that needs disks of another size.
const LARGE: &str = "5gb";

/// Megabytes of each disk, for all other rows.
const DISK: u64 = 6_000;

fn main() {
    if !geteuid().is_root() {
        return eprintln!("SKIPPED: {}", Unavailable::NotRoot);
    }
    let commands = Path::new(env!("CARGO_BIN_EXE_register-dock")).parent().unwrap();
    if reexec_with_home(commands).unwrap() {
        return;
    }
    if let Err(reason) = measure_rows() {
        eprintln!("SKIPPED: {reason}");
    }
}

fn measure_rows() -> Result<(), Unavailable> {
    let words: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let mut versions = words.iter().filter_map(|word| version(word));
    let here = versions.next().unwrap_or(Version::V20);
    let pair = Pair { here, there: versions.next().unwrap_or(here) };
    let wanted = words.iter().find(|word| version(word).is_none()).map_or("", String::as_str);

    table::head(&pair.to_string());
    let rows: Vec<Measure> =
        ROWS.iter().filter(|(name, _)| name.starts_with(wanted)).map(|(_, row)| *row).collect();
    if !rows.is_empty() {
        let setting = Setting::new(pair, DISK)?;
        rows.iter().for_each(|row| row(&setting));
    }
    if LARGE.starts_with(wanted) { changed::on_5_gb(pair) } else { Ok(()) }
}

fn version(word: &str) -> Option<Version> {
    match word {
        "20" => Some(Version::V20),
        "26" => Some(Version::V26),
        "26c" => Some(Version::V26Containerd),
        _ => None,
    }
}
