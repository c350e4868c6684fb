//! What publish-image costs beyond docker, beside its bars, with a registry and an AWS on this machine.
//!
//! Prints a table in Markdown; asserts nothing about time, because a machine's mood is no failure. It needs root, and a
//! machine that is idle: `cargo bench --bench publish`, or `cargo bench --bench publish -- again` for one row.
#![allow(clippy::disallowed_types, reason = "a benchmark starts programs without an echo")]
#![allow(clippy::print_stdout, reason = "a benchmark prints, and stops where it cannot go on")]

#[path = "../docks/measure.rs"]
#[allow(dead_code, reason = "the benchmark of docks measures more")]
mod measure;
#[path = "../commands/original.rs"]
mod original;
mod patience;
mod setting;
#[path = "../docks/table.rs"]
mod table;

use std::env;

use measure::{in_turns, time_ms};
use setting::Setting;
use table::{Row, ms, ratio};

/// How often each is run.
const RUNS: usize = 21;

type Measure = fn(&Setting) -> Row;

/// What is measured, by the names that an argument may choose from.
const ROWS: [(&str, Measure); 6] = [
    ("first", first_call),
    ("whole", whole),
    ("again", again),
    ("size", size),
    ("stop", patience::stop),
    ("silence", patience::silence),
];

fn main() {
    let setting = match Setting::new() {
        Ok(setting) => setting,
        Err(reason) => return eprintln!("SKIPPED: {reason}"),
    };
    let wanted = env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    let rows = ROWS.iter().filter(|(name, _)| name.starts_with(&wanted));
    table::print(rows.map(|(_, row)| row(&setting)));
}

/// From the start of the process to its first connection.
fn first_call(setting: &Setting) -> Row {
    let ours = setting.ours();
    let original = original::Original::install().map(|original| original.path("publish-image"));
    let [ours, original] = match original {
        Ok(path) => {
            let programs = [ours, path];
            in_turns(RUNS, |which| setting.time_to_first_connection_ms(&programs[which])).map(Some)
        }
        Err(reason) => {
            eprintln!("the original is not here: {reason}");
            let [ours] = in_turns(RUNS, |_| setting.time_to_first_connection_ms(&ours));
            [Some(ours), None]
        }
    };
    let ours = ours.unwrap_or_default();
    Row {
        what: "own time before the first network call",
        ours: format!("{ours:.1} ms"),
        beside: original.map_or("–".to_owned(), |original| format!("the original {}", ms(original))),
        held: format!("{ours:.1} ms"),
        bar: "10 ms",
    }
}

/// What is beyond `docker tag` and `docker push`: the image is at the registry, but AWS does not say so.
fn whole(setting: &Setting) -> Row {
    setting.forget();
    let [ours, by_hand] = in_turns(RUNS, |which| match which {
        0 => time_ms(&mut setting.publish()),
        _ => time_ms(&mut setting.docker(&["tag", setting::LOCAL, &setting.remote()])) + setting.push_ms(),
    });
    Row {
        what: "a whole publish",
        ours: ms(ours),
        beside: format!("`docker tag` and `docker push` by hand {}", ms(by_hand)),
        held: format!("{:.0} ms more", ours - by_hand),
        bar: "60 ms",
    }
}

/// With nothing changed.
fn again(setting: &Setting) -> Row {
    setting.learn();
    let [ours, push] = in_turns(RUNS, |which| match which {
        0 => time_ms(&mut setting.publish()),
        _ => setting.push_ms(),
    });
    Row {
        what: "publish again, nothing changed",
        ours: ms(ours),
        beside: format!("`docker push` alone {}", ms(push)),
        held: ratio(ours, push),
        bar: "1.2 × push",
    }
}

fn size(setting: &Setting) -> Row {
    let megabytes = std::fs::metadata(setting.ours()).unwrap().len() as f64 / 1e6;
    Row {
        what: "the binary, stripped",
        ours: format!("{megabytes:.1} MB"),
        beside: "–".to_owned(),
        held: format!("{megabytes:.1} MB"),
        bar: "12 MB",
    }
}
