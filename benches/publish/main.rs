//! What publish-image costs beyond docker, beside its targets, with a registry and a stand-in for AWS on this machine.
//!
//! Prints a table in Markdown. It needs root and an idle machine: `cargo bench --bench publish`, or
//! `cargo bench --bench publish -- again` for one row.
#![allow(clippy::disallowed_types, reason = "a benchmark starts programs without an echo")]

mod fixture;
mod no_response;

use std::path::Path;

use dockerutils_testbed::Unavailable;
use dockerutils_testbed::bench::{Comparison, Original, Rounds, ms, ratio, row_filter, seconds_of};
use fixture::Fixture;

/// How often each is run.
const ROUNDS: Rounds = Rounds { warm_up: 2, counted: 21 };

type Measure = fn(&Fixture) -> Comparison;

/// The measurements, by the names that an argument may choose from.
const ROWS: [(&str, Measure); 6] = [
    ("first", first_call),
    ("whole", whole),
    ("again", again),
    ("size", size),
    ("stop", no_response::stop),
    ("silence", no_response::silence),
];

fn main() -> Result<(), Unavailable> {
    let fixture = Fixture::new()?;
    let filter = row_filter();
    let table = Comparison::start_table();
    for (_, row) in ROWS.iter().filter(|(name, _)| name.starts_with(&filter)) {
        row(&fixture).print(&table);
    }
    Ok(())
}

/// Measures from the start of the process to its first connection.
fn first_call(fixture: &Fixture) -> Comparison {
    let ours = fixture.ours();
    let original = Original::install(Path::new(env!("CARGO_TARGET_TMPDIR")))
        .map(|original| original.path("publish-image"));
    let [ours, original] = match original {
        Ok(path) => {
            let programs = [ours, path];
            ROUNDS.medians(|subject| fixture.seconds_to_first_connection(&programs[subject])).map(Some)
        }
        Err(reason) => {
            eprintln!("The original is left out: {reason}");
            let [ours] = ROUNDS.medians(|_| fixture.seconds_to_first_connection(&ours));
            [Some(ours), None]
        }
    };
    let ours = ours.unwrap_or_default() * 1e3;
    Comparison {
        what: "own time before the first network call".to_owned(),
        measured: format!("{ours:.1} ms"),
        reference: original.map_or("–".to_owned(), |original| format!("the original {}", ms(original))),
        result: format!("{ours:.1} ms"),
        target: "10 ms".to_owned(),
    }
}

/// Measures what a publish adds to `docker tag` and `docker push`: the registry has the image, but AWS has no record of it.
fn whole(fixture: &Fixture) -> Comparison {
    fixture.forget();
    let [ours, by_hand] = ROUNDS.medians(|subject| match subject {
        0 => seconds_of(&mut fixture.publish()),
        _ => {
            seconds_of(&mut fixture.docker(&["tag", fixture::LOCAL, &fixture.remote()]))
                + fixture.push_seconds()
        }
    });
    Comparison {
        what: "a whole publish".to_owned(),
        measured: ms(ours),
        reference: format!("`docker tag` and `docker push` by hand {}", ms(by_hand)),
        result: format!("{} more", ms(ours - by_hand)),
        target: "60 ms".to_owned(),
    }
}

/// Measures a publish with nothing changed.
fn again(fixture: &Fixture) -> Comparison {
    fixture.record_push();
    let [ours, push] = ROUNDS.medians(|subject| match subject {
        0 => seconds_of(&mut fixture.publish()),
        _ => fixture.push_seconds(),
    });
    Comparison {
        what: "publish again, nothing changed".to_owned(),
        measured: ms(ours),
        reference: format!("`docker push` alone {}", ms(push)),
        result: ratio(ours, push),
        target: "1.2 × push".to_owned(),
    }
}

fn size(fixture: &Fixture) -> Comparison {
    let megabytes = std::fs::metadata(fixture.ours()).unwrap().len() as f64 / 1e6;
    Comparison {
        what: "the binary, stripped".to_owned(),
        measured: format!("{megabytes:.1} MB"),
        reference: "–".to_owned(),
        result: format!("{megabytes:.1} MB"),
        target: "12 MB".to_owned(),
    }
}
