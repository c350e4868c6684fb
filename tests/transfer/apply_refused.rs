//! An `--apply` that is refused or stopped: no file stays behind, and no process.

use std::fs;

use dockerutils_testkit::Signal;

use super::{Fixture, dock, engine, large, small};

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_refused_apply_leaves_nothing_behind() {
    let (engine, fixture) = (engine(), Fixture::of(dock()));
    engine.load(&small(95), &["refused:1"]);
    let file = |name: &str| fixture.project.root().join(name).display().to_string();
    fixture.transfer(engine, &["--bundle", &file("whole.tar"), "refused:1"]).run().status(0);
    let whole = fs::read(file("whole.tar")).expect("a bundle");
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    fs::write(file("cut.tar"), &whole[..whole.len() / 2]).expect("a file");
    fs::write(file("changed.tar"), changed).expect("a file");
    fs::write(file("garbage.tar"), "garbage").expect("a file");
    engine.docker(&["image", "rm", "refused:1"]);
    for name in ["cut.tar", "changed.tar", "garbage.tar", "missing.tar"] {
        fixture.transfer(engine, &["--apply", &file(name)]).run().status(1).stderr_has(name);
        fixture.leaves_nothing_behind();
    }
    // Another image has the name.
    engine.load(&small(96), &["refused:1"]);
    let taken = fixture.transfer(engine, &["--apply", &file("whole.tar")]).run();
    taken.status(1).stderr_has("--move-tags");
    fixture.leaves_nothing_behind();
    engine.docker(&["image", "rm", "refused:1"]);
}

/// The second half of the bundle comes through a pipe that does not end, so the engine is loading when the signal comes.
#[test]
#[ignore = "needs root: private engine and dock"]
fn a_stopped_apply_leaves_nothing_behind() {
    let (engine, fixture) = (engine(), Fixture::of(dock()));
    engine.load(&large(97), &["stopped:1"]);
    let bundle = fixture.project.root().join("bundle.tar");
    let file = bundle.display().to_string();
    fixture.transfer(engine, &["--bundle", &file, "stopped:1"]).run().status(0);
    engine.docker(&["image", "rm", "stopped:1"]);
    for (signal, status) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130), (Signal::SIGHUP, 129)] {
        let running = fixture.transfer(engine, &["--apply", &file]).spawn();
        running.wait_for_stderr("sending");
        running.signal(signal);
        running.wait().status(status);
        fixture.leaves_nothing_behind();
        assert!(
            !engine
                .command()
                .args(["image", "inspect", "stopped:1"])
                .output()
                .expect("docker")
                .status
                .success()
        );
    }
}
