//! First transfers: the host has no layer of the image.

use dockerutils_testbed::Image;
use dockerutils_testbed::bench::{Comparison, Table, ratio, seconds};

use crate::by_hand::{self, PIPES};
use crate::fixture::Fixture;
use crate::in_turns;

/// Returns an image of a small base and four layers.
pub(crate) fn random() -> Image {
    (0..4).fold(Image::new(1).busybox(), |image, _| image.random(50_000_000))
}

/// Returns an image of a small base and four layers.
pub(crate) fn libraries() -> Image {
    (0..4).fold(Image::new(2).busybox(), |image, _| image.libraries(100_000_000))
}

pub(crate) fn near_random(fixture: &Fixture, table: &Table) {
    fixture.load("random:1", &random());
    near(fixture, table, "random:1", "200 MB random, no limit");
}

pub(crate) fn near_libraries(fixture: &Fixture, table: &Table) {
    fixture.load("libraries:1", &libraries());
    near(fixture, table, "libraries:1", "400 MB libraries, no limit");
}

pub(crate) fn gigabit_random(fixture: &Fixture, table: &Table) {
    fixture.load("random:1", &random());
    fixture.dock.limit_bandwidth(1000);
    near(fixture, table, "random:1", "200 MB random, 1 Gbit/s");
    fixture.dock.unlimit_bandwidth();
}

pub(crate) fn gigabit_libraries(fixture: &Fixture, table: &Table) {
    fixture.load("libraries:1", &libraries());
    fixture.dock.limit_bandwidth(1000);
    near(fixture, table, "libraries:1", "400 MB libraries, 1 Gbit/s");
    fixture.dock.unlimit_bandwidth();
}

pub(crate) fn far_random(fixture: &Fixture, table: &Table) {
    fixture.load("random:1", &random());
    far(fixture, table, "random:1", "200 MB random, 25 ms one way", "0.40 × best pipe");
}

pub(crate) fn far_libraries(fixture: &Fixture, table: &Table) {
    fixture.load("libraries:1", &libraries());
    far(fixture, table, "libraries:1", "400 MB libraries, 25 ms one way", "0.60 × best pipe");
}

fn near(fixture: &Fixture, table: &Table, image: &str, what: &str) {
    let [ours, saved, gzip, zstd, plain, original] = in_turns(
        || fixture.empty(),
        [
            fixture.transfer(image, "near"),
            fixture.transfer_saved(image, "near"),
            by_hand::pipe(PIPES[0].1, &fixture.engine, image, "near"),
            by_hand::pipe(PIPES[1].1, &fixture.engine, image, "near"),
            by_hand::pipe(PIPES[2].1, &fixture.engine, image, "near"),
            by_hand::original(&fixture.engine, image, "near"),
        ],
    );
    assert!(fixture.has_arrived(image));
    let best = gzip.min(zstd).min(plain);
    let result = |time| format!("{} best pipe, {} original", ratio(time, best), ratio(time, original));
    let reference = format!("{}; the original {}", pipes([gzip, zstd, plain]), seconds(original));
    let target = "0.95 × best pipe, 0.35 × original";
    print(table, what, [ours, saved], &reference, result, target);
}

fn far(fixture: &Fixture, table: &Table, image: &str, what: &str, target: &str) {
    let [ours, saved, gzip, zstd, plain] = in_turns(
        || fixture.empty(),
        [
            fixture.transfer(image, "far"),
            fixture.transfer_saved(image, "far"),
            by_hand::pipe(PIPES[0].1, &fixture.engine, image, "far"),
            by_hand::pipe(PIPES[1].1, &fixture.engine, image, "far"),
            by_hand::pipe(PIPES[2].1, &fixture.engine, image, "far"),
        ],
    );
    assert!(fixture.has_arrived(image));
    let best = gzip.min(zstd).min(plain);
    let result = |time| format!("{} best pipe", ratio(time, best));
    print(table, what, [ours, saved], &pipes([gzip, zstd, plain]), result, target);
}

fn pipes(times: [f64; 3]) -> String {
    let times = PIPES.iter().zip(times).map(|((name, _), time)| format!("{name} {}", seconds(time)));
    format!("pipes: {}", times.collect::<Vec<_>>().join(", "))
}

/// Prints two rows: one with layers from the engine's own files, one with layers from `docker save`.
fn print(
    table: &Table,
    what: &str,
    [read, saved]: [f64; 2],
    reference: &str,
    result: impl Fn(f64) -> String,
    target: &str,
) {
    for (how, time) in [("read as root", read), ("by `docker save`", saved)] {
        Comparison {
            what: format!("{what}; {how}"),
            measured: seconds(time),
            reference: reference.to_owned(),
            result: result(time),
            target: target.to_owned(),
        }
        .print(table);
    }
}
