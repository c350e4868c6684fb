//! Later transfers: the host has all layers of the image but a small one, or all of them.

use std::process::Command;

use dockerutils_testbed::bench::{Comparison, Table, mb, ratio, seconds, seconds_of};
use dockerutils_testbed::{Image, Unavailable};

use crate::fixture::{Fixture, Pair};
use crate::memory::peak;
use crate::{by_hand, first, in_turns};

const LAYER: u64 = 3_000_000;

/// Measures a small layer on top of 200 MB.
pub(crate) fn on_205_mb(fixture: &Fixture, table: &Table) {
    one_layer(
        fixture,
        table,
        &first::random().random(LAYER),
        "3 MB changed on 205 MB",
        "`docker save` + 0.40 s",
    );
}

/// Measures a small layer on top of 5 GB, with disks that have room for it.
pub(crate) fn on_5_gb(pair: Pair, table: &Table) -> Result<(), Unavailable> {
    let fixture = Fixture::new(pair, 24_000)?;
    let base = (0..5).fold(Image::new(3).busybox(), |image, _| image.random(1_000_000_000));
    one_layer(&fixture, table, &base.random(LAYER), "3 MB changed on 5 GB", "–");
    Ok(())
}

fn one_layer(fixture: &Fixture, table: &Table, image: &Image, what: &str, target: &str) {
    fixture.load("image:old", image);
    fixture.load("image:new", &image.clone().with_last_layer_changed());
    fixture.dock.load(image, &["image:old"]);
    let forget = || fixture.forget("image:new");
    let [ours, saved, save] = in_turns(
        forget,
        [
            fixture.transfer("image:new", "near"),
            fixture.transfer_saved("image:new", "near"),
            by_hand::save(&fixture.engine, "image:new"),
        ],
    );
    for (how, ours, mut command) in [
        ("read as root", ours, fixture.transfer("image:new", "near")),
        ("by `docker save`", saved, fixture.transfer_saved("image:new", "near")),
    ] {
        forget();
        let wire = wire(fixture, &mut command);
        assert!(fixture.has_arrived("image:new"));
        forget();
        let peak = peak(&mut command);
        Comparison {
            what: format!("{what}; {how}"),
            measured: seconds(ours),
            reference: format!("`docker save` alone {}", seconds(save)),
            result: format!("{:+.2} s, {}", ours - save, ratio(ours, save)),
            target: target.to_owned(),
        }
        .print(table);
        Comparison {
            what: "the same, on the wire".to_owned(),
            measured: mb(wire),
            reference: format!("the layer {}", mb(LAYER)),
            result: mb(wire),
            target: "3.30 MB".to_owned(),
        }
        .print(table);
        memory(table, "the same, peak memory", peak);
    }
}

/// Measures the peak memory of a large first transfer.
pub(crate) fn peak_of_first(fixture: &Fixture, table: &Table) {
    fixture.load("libraries:1", &first::libraries());
    for (how, host, mut command) in [
        ("near, read as root", "near", fixture.transfer("libraries:1", "near")),
        ("near, by `docker save`", "near", fixture.transfer_saved("libraries:1", "near")),
        ("far, read as root", "far", fixture.transfer("libraries:1", "far")),
    ] {
        fixture.empty();
        let peak = peak(&mut command);
        assert!(fixture.has_arrived("libraries:1"), "{host}");
        memory(table, &format!("first transfer of 400 MB libraries, {how}: peak memory"), peak);
    }
}

/// Measures a transfer of an image that the host has already.
pub(crate) fn nothing(fixture: &Fixture, table: &Table) {
    let image = first::random();
    fixture.load("random:1", &image);
    fixture.dock.load(&image, &["random:1"]);
    let mut ssh = Command::new("ssh");
    ssh.args(["near", "true"]);
    let [ours, ssh] = in_turns(|| (), [fixture.transfer("random:1", "near"), ssh]);
    // sshd may log the end of the last connection late, so the count begins here.
    let before = fixture.log().len();
    let wire = wire(fixture, &mut fixture.transfer("random:1", "near"));
    let (connections, commands) = fixture.connections_and_commands(before);
    Comparison {
        what: "nothing changed".to_owned(),
        measured: seconds(ours),
        reference: format!("`ssh HOST true` {}; {} on the wire", seconds(ssh), mb(wire)),
        result: format!("{connections} connection, {commands} commands"),
        target: "1 connection, 3 commands".to_owned(),
    }
    .print(table);
}

/// Returns the bytes that the network carries to the dock while the command runs, headers included.
fn wire(fixture: &Fixture, command: &mut Command) -> u64 {
    let before = fixture.dock.received();
    seconds_of(command);
    fixture.dock.received() - before
}

fn memory(table: &Table, what: &str, peak: u64) {
    Comparison {
        what: what.to_owned(),
        measured: mb(peak),
        reference: "without its children docker and ssh".to_owned(),
        result: mb(peak),
        target: "64 MB".to_owned(),
    }
    .print(table);
}
