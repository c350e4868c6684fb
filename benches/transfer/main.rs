//! What transfer-image costs, beside its targets and beside what users do without it.
//!
//! The dock is made on this machine, so its share of the work is in the figures too; both engines have disks of their
//! own, so that the file system of the machine is not. Prints tables in Markdown. It needs root and an idle machine:
//!
//! ```text
//! cargo bench --bench transfer                       every row, from Docker 20.10 to Docker 20.10
//! cargo bench --bench transfer -- far                the rows whose names begin with `far`
//! cargo bench --bench transfer -- changed 26 26c     from 26.1 to 26.1 with containerd's store
//! ```
#![allow(clippy::disallowed_types, reason = "a benchmark starts programs without an echo")]
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod by_hand;
mod changed;
mod first;
mod fixture;
mod memory;

use std::env;
use std::path::Path;
use std::process::Command;

use dockerutils_testbed::bench::{Comparison, Rounds, Table, seconds_of};
use dockerutils_testbed::{Unavailable, Version, reexec_with_home};
use fixture::{Fixture, Pair};

/// A transfer takes seconds, so short disturbances of the machine matter little.
const ROUNDS: Rounds = Rounds { warm_up: 1, counted: 3 };

type Measure = fn(&Fixture, &Table);

/// The measurements, by the names that an argument may choose from.
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

/// The row that needs disks of another size.
const LARGE: &str = "5gb";

/// Megabytes of each disk, for all other rows.
const DISK: u64 = 6_000;

fn main() -> Result<(), Unavailable> {
    // The sessions and ssh's files of the benchmark must not be among the user's own.
    let commands = Path::new(env!("CARGO_BIN_EXE_register-dock")).parent().unwrap();
    if reexec_with_home(commands)? {
        return Ok(());
    }
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut versions = words.iter().filter_map(|word| version(word));
    let local = versions.next().unwrap_or(Version::V20);
    let pair = Pair { local, remote: versions.next().unwrap_or(local) };
    let filter = words.iter().find(|word| version(word).is_none()).map_or("", String::as_str);

    println!("\n{pair}");
    let table = Comparison::start_table();
    let rows: Vec<Measure> =
        ROWS.iter().filter(|(name, _)| name.starts_with(filter)).map(|(_, row)| *row).collect();
    if !rows.is_empty() {
        let fixture = Fixture::new(pair, DISK)?;
        rows.iter().for_each(|row| row(&fixture, &table));
    }
    if LARGE.starts_with(filter) {
        changed::on_5_gb(pair, &table)?;
    }
    Ok(())
}

/// Runs commands in turns, each after a preparation that is not measured; returns the median times in seconds.
fn in_turns<const N: usize>(mut prepare: impl FnMut(), mut commands: [Command; N]) -> [f64; N] {
    ROUNDS.medians(|subject| {
        prepare();
        seconds_of(&mut commands[subject])
    })
}

fn version(word: &str) -> Option<Version> {
    match word {
        "20" => Some(Version::V20),
        "26" => Some(Version::V26),
        "26c" => Some(Version::V26Containerd),
        _ => None,
    }
}
