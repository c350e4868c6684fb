//! Interrupted transfers: the reason is reported, no incomplete image and no file stays behind, and the next transfer sends
//! only the rest.

use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use dockerutils_testbed::{Dock, Engine, LinkFault, Version};
use dockerutils_testkit::Signal;

use super::saved::saved;
use super::{Fixture, LAYER, engine, fails_with, large, messages};

/// The size of all layers of a large image.
const ALL: u64 = 3 * LAYER;

const REMEDY: &str = "; layers that have arrived are kept, and the next transfer sends the rest";

pub(super) fn dock_on_disk(version: Version) -> Dock {
    Dock::builder("broken", version).disk(2_000).start().expect("a dock")
}

/// Checks that an interrupted transfer has left nothing, repeats it, and returns the bytes that were sent then.
#[track_caller]
fn resume(fixture: &Fixture, engine: &Engine, image: &str) -> u64 {
    assert!(!fixture.has(image));
    fixture.leaves_nothing_behind();
    let rest = fixture.send(engine, image);
    assert!(fixture.has(image));
    assert_eq!(fixture.dangling(), "");
    fixture.leaves_nothing_behind();
    rest
}

/// Interrupts and repeats transfers to a dock of this version.
fn interrupt(version: Version, fault: LinkFault) {
    let (engine, dock) = (engine(), dock_on_disk(version));
    // A containerd that never had an image cannot collect its garbage ("lstat …/blobs: no such file"): it goes on with the
    // file of the interrupted load, whose layer then has another digest and is sent twice.
    dock.import_busybox("busybox:latest");
    interrupt_between(engine, &dock, &Fixture::of(&dock), fault);
}

fn interrupt_between(engine: &Engine, dock: &Dock, fixture: &Fixture, fault: LinkFault) {
    let version = dock.version();
    let name = format!("cut:{fault:?}-{}", version as u8).to_lowercase();
    engine.load(&large(10 * version as u64 + fault as u64), &[&name]);
    for percent in [10, 50, 90] {
        fixture.proxy.fail_after(ALL * percent / 100, fault);
        let outcome = fixture.transfer(engine, &[&name, "gpu"]).run();
        fails_with(&outcome, "the connection to gpu was lost after ");
        fails_with(&outcome, REMEDY);
        fixture.proxy.repair();
        let rest = resume(fixture, engine, &name);
        // The layers below the one that was being sent.
        let arrived = ALL * percent / 100 / LAYER * LAYER;
        println!("{version}, {fault:?} after {percent} %: {rest} bytes were left");
        assert!(rest < ALL - arrived + 3_000_000, "{percent} %: {rest}");
        dock.exec(&["docker", "image", "rm", &name]);
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_closed_connection_is_reported_and_the_next_transfer_sends_the_rest() {
    interrupt(Version::V20, LinkFault::Closed);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_connection_that_closes_while_docker_save_is_read_loses_nothing() {
    let dock = dock_on_disk(Version::V26);
    let own = Engine::start_on_disk(Version::V20, 600).expect("an engine");
    let fixture = Fixture::of(&dock).by_save();
    let saved = fixture.project.home().join("saved");
    let folder = fixture.docker_that(&own, &format!("echo >>{saved:?}"));
    let fixture = Fixture { docker_first: Some(folder), ..fixture };
    interrupt_between(&own, &dock, &fixture, LinkFault::Closed);
    // Three interrupted transfers, and three that resumed them.
    assert_eq!(std::fs::read_to_string(saved).expect("docker has saved").lines().count(), 6);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_closed_connection_is_reported_with_containerds_store_too() {
    interrupt(Version::V26Containerd, LinkFault::Closed);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_silent_connection_is_reported_with_containerds_store_too() {
    interrupt(Version::V26Containerd, LinkFault::Silent);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_silent_connection_is_reported_and_the_next_transfer_sends_the_rest() {
    interrupt(Version::V20, LinkFault::Silent);
}

/// Waits until the first layers are an image on the dock, while those above them are still being sent.
fn wait_until_a_step_is_loaded(fixture: &Fixture) {
    for _ in 0..3_000 {
        if !fixture.dangling().is_empty() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("no step was loaded");
}

/// Waits until the proxy has passed on this number of bytes.
fn wait_for_bytes(fixture: &Fixture, bytes: u64) {
    let before = fixture.proxy.sent();
    for _ in 0..6_000 {
        if fixture.proxy.sent() - before >= bytes {
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
    let fixture = Fixture::of(&dock);
    engine.load(&large(3), &["stopped:1"]);
    // Slow enough to be stopped before it ends.
    dock.limit_bandwidth(400);
    let begin = || fixture.transfer(engine, &["stopped:1", "gpu"]);

    let terminal = begin().spawn_in_terminal();
    wait_until_a_step_is_loaded(&fixture);
    terminal.interrupt();
    terminal.wait().status(130);
    assert!(!fixture.has("stopped:1"));
    fixture.leaves_nothing_behind();

    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let running = begin().spawn();
        wait_for_bytes(&fixture, 5_000_000);
        running.signal(signal);
        running.wait().status(128 + signal as i32);
        assert!(!fixture.has("stopped:1"));
        fixture.leaves_nothing_behind();
    }
    let rest = resume(&fixture, engine, "stopped:1");
    assert!(rest < ALL - LAYER + 3_000_000, "{rest}");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_full_disk_is_reported_and_the_remedy_helps() {
    for version in [Version::V20, Version::V26Containerd] {
        let engine = engine();
        let dock = Dock::builder("full", version).disk(130).start().expect("a dock");
        let fixture = Fixture::of(&dock);
        engine.load(&large(4), &["full:1"]);
        let outcome = fixture.transfer(engine, &["full:1", "gpu"]).run();
        fails_with(&outcome, "no space left on gpu for the image: ");
        assert!(!fixture.has("full:1"));
        fixture.leaves_nothing_behind();
        // The message advises to free space: the layers that had arrived can be removed.
        dock.exec(&["docker", "system", "prune", "--force"]);
        assert_eq!(fixture.dangling(), "");
        engine.load(&super::small(90), &["small:90"]);
        fixture.send(engine, "small:90");
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_stopped_engine_is_reported_and_loses_no_layer() {
    let (engine, dock) = (engine(), dock_on_disk(Version::V20));
    let fixture = Fixture::of(&dock);
    engine.load(&large(5), &["restarted:1"]);
    dock.limit_bandwidth(200);
    let running = fixture.transfer(engine, &["restarted:1", "gpu"]).spawn();
    wait_until_a_step_is_loaded(&fixture);
    dock.stop_docker();
    let outcome = running.wait();
    fails_with(&outcome, "docker on gpu does not respond: ");
    let again = fixture.transfer(engine, &["restarted:1", "gpu"]).run();
    fails_with(&again, "docker on gpu does not respond: ");
    dock.start_docker();
    let rest = resume(&fixture, engine, "restarted:1");
    assert!(rest < ALL - LAYER + 3_000_000, "{rest}");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn all_layers_are_sent_if_one_was_removed_meanwhile() {
    let (engine, dock) = (engine(), dock_on_disk(Version::V20));
    let fixture = Fixture::of(&dock);
    let image = large(6);
    engine.load(&image, &["vanished:1"]);
    engine.load(&image.with_last_layer_changed(), &["vanished:2"]);
    fixture.send(engine, "vanished:1");
    dock.limit_bandwidth(200);
    let running = fixture.transfer(engine, &["vanished:2", "gpu"]).spawn();
    wait_for_bytes(&fixture, 2_000_000);
    dock.exec(&["docker", "image", "rm", "vanished:1"]);
    let outcome = running.wait();
    let lines = messages(outcome.status(0)).join("\n");
    assert!(lines.contains("a layer may have been removed there meanwhile: sending"), "{lines}");
    assert!(fixture.has("vanished:2"));
    assert_eq!(fixture.dangling(), "");
    fixture.leaves_nothing_behind();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_tag_moves_only_to_a_complete_image() {
    let (engine, dock) = (engine(), dock_on_disk(Version::V20));
    let fixture = Fixture::of(&dock);
    engine.load(&super::small(91), &["moves:1"]);
    fixture.send(engine, "moves:1");
    let id = || dock.exec(&["docker", "image", "inspect", "--format", "{{.Id}}", "moves:1"]);
    let old = id();
    engine.load(&large(7), &["moves:1"]);
    fixture.proxy.fail_after(ALL / 2, LinkFault::Closed);
    fixture.transfer(engine, &["moves:1", "gpu"]).run().status(1);
    assert_eq!(id(), old);
    fixture.proxy.repair();
    // The host notices the end later, and then names what has arrived.
    fixture.leaves_nothing_behind();
    assert_ne!(fixture.dangling(), "");
    // The layers that have arrived belong to an image that is replaced before it is complete.
    engine.load(&large(8), &["moves:1"]);
    fixture.send(engine, "moves:1");
    assert_eq!(id(), engine.docker(&["image", "inspect", "--format", "{{.Id}}", "moves:1"]));
    // The old image has lost its tag, and transfer-image removes only its own partial images.
    assert_eq!(fixture.dangling(), old["sha256:".len()..][..12]);
}

/// Removes images without a tag on the dock again and again, until the returned value is dropped.
fn prune_in_a_loop(dock: &Dock) -> Pruning<'_> {
    let script = format!("while [ ! -e {STOP} ]; do docker image prune --force; sleep 0.05; done; rm {STOP}");
    let pruning = dock.command("sh").args(["-c", &script]).stdout(Stdio::null()).spawn().expect("nsenter");
    Pruning { dock, pruning }
}

const STOP: &str = "/run/stop-pruning";

struct Pruning<'a> {
    dock: &'a Dock,
    pruning: Child,
}

impl Drop for Pruning<'_> {
    fn drop(&mut self) {
        self.dock.exec(&["touch", STOP]);
        let _ = self.pruning.wait();
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn pruning_in_a_loop_does_not_keep_an_image_from_arriving() {
    for version in [Version::V20, Version::V26Containerd] {
        let (engine, dock) = (engine(), dock_on_disk(version));
        let fixture = Fixture::of(&dock);
        engine.load(&large(9), &["pruned:1"]);
        let pruning = prune_in_a_loop(&dock);
        let outcome = fixture.transfer(engine, &["pruned:1", "gpu"]).run();
        drop(pruning);
        outcome.status(0);
        assert_eq!(saved(fixture.docker(), "pruned:1"), saved(engine.command(), "pruned:1"), "{version}");
        // The temporary tag is gone.
        let images = dock.exec(&["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
        assert_eq!(
            images.lines().filter(|line| !line.starts_with("busybox")).collect::<Vec<_>>(),
            ["pruned:1"]
        );
        fixture.leaves_nothing_behind();
    }
}
