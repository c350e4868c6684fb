//! First transfers: nothing of the image is there.

use dockerutils_testbed::Image;

use crate::measure::in_turns;
use crate::setting::Setting;
use crate::table::{Row, ratio, seconds};
use crate::ways::{self, PIPES};

/// A small base, and four layers.
pub(crate) fn random() -> Image {
    (0..4).fold(Image::new(1).busybox(), |image, _| image.random(50_000_000))
}

/// A small base, and four layers.
pub(crate) fn libraries() -> Image {
    (0..4).fold(Image::new(2).busybox(), |image, _| image.libraries(100_000_000))
}

pub(crate) fn near_random(setting: &Setting) {
    setting.have("random:1", &random());
    near(setting, "random:1", "200 MB random, no limit");
}

pub(crate) fn near_libraries(setting: &Setting) {
    setting.have("libraries:1", &libraries());
    near(setting, "libraries:1", "400 MB libraries, no limit");
}

pub(crate) fn gigabit_random(setting: &Setting) {
    setting.have("random:1", &random());
    setting.dock.limit_bandwidth(1000);
    near(setting, "random:1", "200 MB random, 1 Gbit/s");
    setting.dock.unlimit_bandwidth();
}

pub(crate) fn gigabit_libraries(setting: &Setting) {
    setting.have("libraries:1", &libraries());
    setting.dock.limit_bandwidth(1000);
    near(setting, "libraries:1", "400 MB libraries, 1 Gbit/s");
    setting.dock.unlimit_bandwidth();
}

pub(crate) fn far_random(setting: &Setting) {
    setting.have("random:1", &random());
    far(setting, "random:1", "200 MB random, 25 ms one way", "0.40 × best pipe");
}

pub(crate) fn far_libraries(setting: &Setting) {
    setting.have("libraries:1", &libraries());
    far(setting, "libraries:1", "400 MB libraries, 25 ms one way", "0.60 × best pipe");
}

fn near(setting: &Setting, image: &str, what: &str) {
    let [ours, saved, gzip, zstd, plain, original] = in_turns(
        || setting.empty(),
        [
            setting.transfer(image, "near"),
            setting.transfer_saved(image, "near"),
            ways::pipe(PIPES[0].1, &setting.engine, image, "near"),
            ways::pipe(PIPES[1].1, &setting.engine, image, "near"),
            ways::pipe(PIPES[2].1, &setting.engine, image, "near"),
            ways::original(&setting.engine, image, "near"),
        ],
    );
    assert!(setting.has_arrived(image));
    let best = gzip.min(zstd).min(plain);
    let held = |time| format!("{} best pipe, {} original", ratio(time, best), ratio(time, original));
    let beside = format!("{}; the original's way {}", pipes([gzip, zstd, plain]), seconds(original));
    let bar = "0.95 × best pipe, 0.35 × original";
    print(what, [ours, saved], &beside, held, bar);
}

fn far(setting: &Setting, image: &str, what: &str, bar: &str) {
    let [ours, saved, gzip, zstd, plain] = in_turns(
        || setting.empty(),
        [
            setting.transfer(image, "far"),
            setting.transfer_saved(image, "far"),
            ways::pipe(PIPES[0].1, &setting.engine, image, "far"),
            ways::pipe(PIPES[1].1, &setting.engine, image, "far"),
            ways::pipe(PIPES[2].1, &setting.engine, image, "far"),
        ],
    );
    assert!(setting.has_arrived(image));
    let best = gzip.min(zstd).min(plain);
    let held = |time| format!("{} best pipe", ratio(time, best));
    print(what, [ours, saved], &pipes([gzip, zstd, plain]), held, bar);
}

fn pipes(times: [f64; 3]) -> String {
    let told = PIPES.iter().zip(times).map(|((name, _), time)| format!("{name} {}", seconds(time)));
    format!("pipes: {}", told.collect::<Vec<_>>().join(", "))
}

/// Two rows: what the engine's own files gave, and what `docker save` gave.
fn print(what: &str, [read, saved]: [f64; 2], beside: &str, held: impl Fn(f64) -> String, bar: &str) {
    for (how, time) in [("read as root", read), ("by `docker save`", saved)] {
        Row {
            what: format!("{what}; {how}"),
            ours: seconds(time),
            beside: beside.to_owned(),
            held: held(time),
            bar: bar.to_owned(),
        }
        .print();
    }
}
