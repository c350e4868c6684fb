//! What `run-notebook` adds to docker and Jupyter, beside its targets. Prints a table in Markdown.
//!
//! It needs root and an idle machine: `cargo bench --bench notebook`, or with the name of a row behind `--`.
#![allow(clippy::disallowed_types, reason = "a benchmark starts programs without an echo")]

mod docked;
mod fixture;

use std::thread;
use std::time::{Duration, Instant};

use dockerutils_testbed::Unavailable;
use dockerutils_testbed::bench::{Comparison, median, ms, row_filter};
use fixture::Fixture;

type Measure = fn(&Fixture) -> Comparison;

const ROWS: [(&str, Measure); 5] =
    [("own", own_time), ("browser", browser), ("second", second_call), ("poll", polling), ("copies", copies)];

/// How often each figure is measured. Jupyter takes seconds to start.
const ROUNDS: usize = 5;

fn main() -> Result<(), Unavailable> {
    let filter = row_filter();
    let table = Comparison::start_table();
    let wanted = |name: &&str| name.starts_with(&filter);
    if ROWS.iter().any(|(name, _)| wanted(name)) {
        let fixture = Fixture::new()?;
        for (_, row) in ROWS.iter().filter(|(name, _)| wanted(name)) {
            row(&fixture).print(&table);
        }
    }
    docked::print(&table, wanted)
}

/// From the start of the command until `docker run`, with a docker that does nothing.
fn own_time(fixture: &Fixture) -> Comparison {
    let measured = median((0..21).map(|_| fixture.own_seconds()).collect());
    Comparison {
        what: "own time before `docker run`".to_owned(),
        measured: ms(measured),
        reference: String::new(),
        result: ms(measured),
        target: "15 ms".to_owned(),
    }
}

/// From Jupyter's first response to its token until the browser's command runs.
fn browser(fixture: &Fixture) -> Comparison {
    let (mut delays, mut starts) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut running = fixture.run_notebook(&[]).spawn().expect("run-notebook");
        let answered = fixture.wait_for_jupyter();
        delays.push(fixture.wait_for_browser().saturating_duration_since(answered).as_secs_f64());
        starts.push((answered - start).as_secs_f64());
        fixture.stop();
        running.wait().expect("an end");
    }
    let measured = median(delays);
    Comparison {
        what: "Jupyter responds → browser's command".to_owned(),
        measured: ms(measured),
        reference: format!("Jupyter's start {}, the original waits for up to 20 s", ms(median(starts))),
        result: ms(measured),
        target: "100 ms".to_owned(),
    }
}

/// From the start of a second call until the browser's command runs.
fn second_call(fixture: &Fixture) -> Comparison {
    let running = fixture.detached(&[]);
    let seconds = || {
        let start = Instant::now();
        let mut call = fixture.run_notebook(&[]).spawn().expect("run-notebook");
        let opened = fixture.wait_for_browser();
        call.wait().expect("an end");
        (opened - start).as_secs_f64()
    };
    let measured = median((0..ROUNDS).map(|_| seconds()).collect());
    let docker = median((0..ROUNDS).map(|_| fixture.seconds_of_docker_ps()).collect());
    drop(running);
    Comparison {
        what: "second call → browser's command".to_owned(),
        measured: ms(measured),
        reference: format!("`docker ps` {}", ms(docker)),
        result: ms(measured),
        target: "150 ms".to_owned(),
    }
}

/// The share of a core and the memory while a server is waited for that never responds.
fn polling(fixture: &Fixture) -> Comparison {
    const WAIT: Duration = Duration::from_secs(5);
    fixture.configure("cmd=sleep 600\n");
    let mut running = fixture.run_notebook(&[]).spawn().expect("run-notebook");
    thread::sleep(Duration::from_secs(2));
    let before = fixture::cpu_seconds(running.id());
    thread::sleep(WAIT);
    let share = (fixture::cpu_seconds(running.id()) - before) / WAIT.as_secs_f64();
    let memory = fixture::peak_memory(running.id());
    fixture.stop();
    running.wait().expect("an end");
    fixture.configure("");
    Comparison {
        what: "waiting for Jupyter: share of a core; memory".to_owned(),
        measured: format!("{:.1} %; {memory:.1} MB", 100.0 * share),
        reference: String::new(),
        result: format!("{:.1} %; {memory:.1} MB", 100.0 * share),
        target: "1 %; 8 MB".to_owned(),
    }
}

/// What copies add to a save.
fn copies(fixture: &Fixture) -> Comparison {
    let seconds_of_saves = |variables: &[(&str, &str)]| {
        let running = fixture.detached(variables);
        fixture.save();
        // The exporters are imported after the first save.
        thread::sleep(Duration::from_secs(5));
        let save = |_| {
            thread::sleep(Duration::from_millis(500));
            fixture.save()
        };
        let seconds = median((0..20).map(save).collect());
        drop(running);
        seconds
    };
    let plain = seconds_of_saves(&[]);
    let with = seconds_of_saves(&[("RESERO_JUPYTER_DIFFS", "1")]);
    Comparison {
        what: "a save with copies".to_owned(),
        measured: ms(with),
        reference: format!("without {}, the original's nbconvert 7400 ms", ms(plain)),
        result: format!("+{}", ms((with - plain).max(0.0))),
        target: "+5 ms".to_owned(),
    }
}
