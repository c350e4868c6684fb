//! Most of the image is there: one small layer has changed, or nothing.

use std::process::Command;

use dockerutils_testbed::{Image, Unavailable};

use crate::measure::{in_turns, peak, time};
use crate::setting::{Pair, Setting};
use crate::table::{Row, mb, ratio, seconds};
use crate::{first, ways};

const LAYER: u64 = 3_000_000;

/// A small layer on top of 200 MB.
pub(crate) fn on_205_mb(setting: &Setting) {
    one_layer(setting, &first::random().random(LAYER), "3 MB changed on 205 MB", "`docker save` + 0.40 s");
}

/// The same on top of 5 GB, with disks that have room for it.
pub(crate) fn on_5_gb(pair: Pair) -> Result<(), Unavailable> {
    let setting = Setting::new(pair, 24_000)?;
    let base = (0..5).fold(Image::new(3).busybox(), |image, _| image.random(1_000_000_000));
    one_layer(&setting, &base.random(LAYER), "3 MB changed on 5 GB", "–");
    Ok(())
}

fn one_layer(setting: &Setting, image: &Image, what: &str, bar: &str) {
    setting.have("image:old", image);
    setting.have("image:new", &image.clone().with_last_layer_changed());
    setting.dock.load(image, &["image:old"]);
    let forget = || setting.forget("image:new");
    let [ours, saved, save] = in_turns(
        forget,
        [
            setting.transfer("image:new", "near"),
            setting.transfer_saved("image:new", "near"),
            ways::save(&setting.engine, "image:new"),
        ],
    );
    for (how, ours, mut command) in [
        ("read as root", ours, setting.transfer("image:new", "near")),
        ("by `docker save`", saved, setting.transfer_saved("image:new", "near")),
    ] {
        forget();
        let wire = wire(setting, &mut command);
        assert!(setting.has_arrived("image:new"));
        forget();
        let peak = peak(&mut command);
        Row {
            what: format!("{what}; {how}"),
            ours: seconds(ours),
            beside: format!("`docker save` alone {}", seconds(save)),
            held: format!("{:+.2} s, {}", ours - save, ratio(ours, save)),
            bar: bar.to_owned(),
        }
        .print();
        Row {
            what: "the same, on the wire".to_owned(),
            ours: mb(wire),
            beside: format!("the layer {}", mb(LAYER)),
            held: mb(wire),
            bar: "3.30 MB".to_owned(),
        }
        .print();
        memory("the same, peak memory", peak);
    }
}

/// The most memory that a large first transfer takes.
pub(crate) fn peak_of_first(setting: &Setting) {
    setting.have("libraries:1", &first::libraries());
    for (how, host, mut command) in [
        ("near, read as root", "near", setting.transfer("libraries:1", "near")),
        ("near, by `docker save`", "near", setting.transfer_saved("libraries:1", "near")),
        ("far, read as root", "far", setting.transfer("libraries:1", "far")),
    ] {
        setting.empty();
        let peak = peak(&mut command);
        assert!(setting.has_arrived("libraries:1"), "{host}");
        memory(&format!("first transfer of 400 MB libraries, {how}: peak memory"), peak);
    }
}

/// What it costs to find out that all is there.
pub(crate) fn nothing(setting: &Setting) {
    let image = first::random();
    setting.have("random:1", &image);
    setting.dock.load(&image, &["random:1"]);
    let mut ssh = Command::new("ssh");
    ssh.args(["near", "true"]);
    let [ours, ssh] = in_turns(|| (), [setting.transfer("random:1", "near"), ssh]);
    // A connection that has ended may be told late.
    let before = setting.log().len();
    let wire = wire(setting, &mut setting.transfer("random:1", "near"));
    let (connections, commands) = setting.connections_and_commands(before);
    Row {
        what: "nothing changed".to_owned(),
        ours: seconds(ours),
        beside: format!("`ssh HOST true` {}; {} on the wire", seconds(ssh), mb(wire)),
        held: format!("{connections} connection, {commands} commands"),
        bar: "1 connection, 3 commands".to_owned(),
    }
    .print();
}

/// What the dock's cable carries to it while the command runs, headers and all.
fn wire(setting: &Setting, command: &mut Command) -> u64 {
    let before = setting.dock.received();
    time(command);
    setting.dock.received() - before
}

fn memory(what: &str, peak: u64) {
    Row {
        what: what.to_owned(),
        ours: mb(peak),
        beside: "without docker and ssh, which it starts".to_owned(),
        held: mb(peak),
        bar: "64 MB".to_owned(),
    }
    .print();
}
