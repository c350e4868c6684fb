//! Transfers that break off: it is said why, nothing half an image is there and no file is left, and the next one sends
//! only the rest.

use std::thread;
use std::time::Duration;

use dockerutils_testbed::{Dock, Engine, LinkFault, Version};
use dockerutils_testkit::Signal;

use super::{LAYER, Setting, engine, fails_saying, large, said};

/// The large image's layers.
const ALL: u64 = 3 * LAYER;

const GOES_ON: &str = "; layers that have arrived are kept, and the next transfer sends the rest";

fn dock_on_disk(version: Version) -> Dock {
    Dock::builder("broken", version).disk(2_000).start().expect("a dock")
}

/// It is broken off: no image has the name. Then it is begun again, and the dock has it without a trace of the first.
#[track_caller]
fn taken_up_again(setting: &Setting, engine: &Engine, image: &str) -> u64 {
    assert!(!setting.has(image));
    setting.leaves_no_trace();
    let sent = setting.send(engine, image);
    assert!(setting.has(image));
    assert_eq!(setting.dangling(), "");
    setting.leaves_no_trace();
    sent
}

fn cut(version: Version, how: LinkFault) {
    let (engine, dock) = (engine(), dock_on_disk(version));
    cut_between(engine, &dock, &Setting::of(&dock), how);
}

fn cut_between(engine: &Engine, dock: &Dock, setting: &Setting, how: LinkFault) {
    let version = dock.version();
    let name = format!("cut:{how:?}-{}", version as u8).to_lowercase();
    engine.load(&large(10 * version as u64 + how as u64), &[&name]);
    for percent in [10, 50, 90] {
        setting.way.fail_after(ALL * percent / 100, how);
        let outcome = setting.transfer(engine, &[&name, "gpu"]).run();
        fails_saying(&outcome, "the connection to gpu was lost after ");
        fails_saying(&outcome, GOES_ON);
        setting.way.repair();
        let rest = taken_up_again(setting, engine, &name);
        // The layers before the one that was on its way.
        let arrived = ALL * percent / 100 / LAYER * LAYER;
        println!("{version}, {how:?} after {percent} %: {rest} bytes were left");
        assert!(rest < ALL - arrived + 3_000_000, "{percent} %: {rest}");
        dock.exec(&["docker", "image", "rm", &name]);
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_cable_is_cut_and_that_is_heard() {
    cut(Version::V20, LinkFault::Closed);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_cable_is_cut_while_docker_save_is_read() {
    let dock = dock_on_disk(Version::V26);
    let own = Engine::start_on_disk(Version::V20, 600).expect("an engine");
    let setting = Setting::of(&dock).by_save();
    let saved = setting.project.home().join("saved");
    let folder = setting.docker_that(&own, &format!("echo >>{saved:?}"));
    let setting = Setting { docker_first: Some(folder), ..setting };
    cut_between(&own, &dock, &setting, LinkFault::Closed);
    // Each time it broke off, and each time it was taken up again.
    assert_eq!(std::fs::read_to_string(saved).expect("docker has saved").lines().count(), 6);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_cable_is_cut_and_that_is_heard_with_containerds_store() {
    cut(Version::V26Containerd, LinkFault::Closed);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_cable_is_cut_and_nothing_is_heard() {
    cut(Version::V20, LinkFault::Silent);
}

/// The first layers are an image there, while those above it are on their way.
fn wait_until_a_step_is_loaded(setting: &Setting) {
    for _ in 0..3_000 {
        if !setting.dangling().is_empty() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("no step was loaded");
}

/// Waits until so many bytes have come over the line.
fn wait_for(setting: &Setting, bytes: u64) {
    let before = setting.way.sent();
    for _ in 0..6_000 {
        if setting.way.sent() - before >= bytes {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("too few bytes were sent");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn ctrl_c_and_kill_leave_nothing_behind() {
    let (engine, dock) = (engine(), dock_on_disk(Version::V20));
    let setting = Setting::of(&dock);
    engine.load(&large(3), &["stopped:1"]);
    // So that there is time to stop it.
    dock.limit_bandwidth(400);
    let begin = || setting.transfer(engine, &["stopped:1", "gpu"]);

    let terminal = begin().spawn_in_terminal();
    wait_until_a_step_is_loaded(&setting);
    terminal.interrupt();
    terminal.wait().status(130);
    assert!(!setting.has("stopped:1"));
    setting.leaves_no_trace();

    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let running = begin().spawn();
        wait_for(&setting, 5_000_000);
        running.signal(signal);
        running.wait().status(128 + signal as i32);
        assert!(!setting.has("stopped:1"));
        setting.leaves_no_trace();
    }
    let rest = taken_up_again(&setting, engine, "stopped:1");
    assert!(rest < ALL - LAYER + 3_000_000, "{rest}");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_disk_there_is_full() {
    for version in [Version::V20, Version::V26Containerd] {
        let engine = engine();
        let dock = Dock::builder("full", version).disk(130).start().expect("a dock");
        let setting = Setting::of(&dock);
        engine.load(&large(4), &["full:1"]);
        let outcome = setting.transfer(engine, &["full:1", "gpu"]).run();
        fails_saying(&outcome, "no space left on gpu for the image: ");
        assert!(!setting.has("full:1"));
        setting.leaves_no_trace();
        // Its advice helps: what had arrived is given back.
        dock.exec(&["docker", "system", "prune", "--force"]);
        assert_eq!(setting.dangling(), "");
        engine.load(&super::small(90), &["small:90"]);
        setting.send(engine, "small:90");
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_engine_there_is_stopped_and_started_again() {
    let (engine, dock) = (engine(), dock_on_disk(Version::V20));
    let setting = Setting::of(&dock);
    engine.load(&large(5), &["restarted:1"]);
    dock.limit_bandwidth(200);
    let running = setting.transfer(engine, &["restarted:1", "gpu"]).spawn();
    wait_until_a_step_is_loaded(&setting);
    dock.stop_docker();
    let outcome = running.wait();
    fails_saying(&outcome, "docker on gpu does not respond: ");
    let again = setting.transfer(engine, &["restarted:1", "gpu"]).run();
    fails_saying(&again, "docker on gpu does not respond: ");
    dock.start_docker();
    let rest = taken_up_again(&setting, engine, "restarted:1");
    assert!(rest < ALL - LAYER + 3_000_000, "{rest}");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_layer_that_vanishes_there_meanwhile_makes_it_send_all() {
    let (engine, dock) = (engine(), dock_on_disk(Version::V20));
    let setting = Setting::of(&dock);
    let image = large(6);
    engine.load(&image, &["vanished:1"]);
    engine.load(&image.with_last_layer_changed(), &["vanished:2"]);
    setting.send(engine, "vanished:1");
    dock.limit_bandwidth(200);
    let running = setting.transfer(engine, &["vanished:2", "gpu"]).spawn();
    wait_for(&setting, 2_000_000);
    dock.exec(&["docker", "image", "rm", "vanished:1"]);
    let outcome = running.wait();
    let told = said(outcome.status(0)).join("\n");
    assert!(told.contains("a layer may have been removed there meanwhile: sending all layers"), "{told}");
    assert!(setting.has("vanished:2"));
    assert_eq!(setting.dangling(), "");
    setting.leaves_no_trace();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_name_moves_only_with_a_whole_image() {
    let (engine, dock) = (engine(), dock_on_disk(Version::V20));
    let setting = Setting::of(&dock);
    engine.load(&super::small(91), &["moves:1"]);
    setting.send(engine, "moves:1");
    let id = || dock.exec(&["docker", "image", "inspect", "--format", "{{.Id}}", "moves:1"]);
    let old = id();
    engine.load(&large(7), &["moves:1"]);
    setting.way.fail_after(ALL / 2, LinkFault::Closed);
    setting.transfer(engine, &["moves:1", "gpu"]).run().status(1);
    assert_eq!(id(), old);
    setting.way.repair();
    assert_ne!(setting.dangling(), "");
    // What has arrived is of an image that nobody wants any more.
    engine.load(&large(8), &["moves:1"]);
    setting.send(engine, "moves:1");
    assert_eq!(id(), engine.docker(&["image", "inspect", "--format", "{{.Id}}", "moves:1"]));
    // The old one has no name, and was never ours to remove.
    assert_eq!(setting.dangling(), old["sha256:".len()..][..12]);
}
