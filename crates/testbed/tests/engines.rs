//! Private engines start, run containers and leave nothing behind, however their process ends.
#![expect(clippy::disallowed_types, reason = "a program is started to be killed")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use dockerutils_testbed::{Engine, Footprint, Version, engines, engines_of_each_store};
use dockerutils_testkit::Project;

#[test]
#[ignore = "needs root: private engine"]
fn each_engine_has_its_version_and_runs_containers() {
    for engine in engines() {
        let version = engine.docker(&["version", "--format", "{{.Client.Version}} {{.Server.Version}}"]);
        let both = version.split(' ').all(|version| version.starts_with(engine.version().prefix()));
        assert!(both, "{version}");
        let run = ["run", "--rm", "--init", "--runtime=nvidia", "busybox", "echo", "it", "ran"];
        assert_eq!(engine.docker(&run), "it ran");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn each_store_has_an_engine() {
    let driver = |engine: &Engine| engine.docker(&["info", "--format", "{{.Driver}}"]);
    for engine in engines_of_each_store() {
        let is_containerds = engine.version() == Version::V26Containerd;
        assert_eq!(driver(engine) == "overlayfs", is_containerds, "{}", engine.version());
        assert_eq!(engine.docker(&["run", "--rm", "busybox", "echo", "it", "ran"]), "it ran");
    }
    assert!(engines().iter().all(|engine| engine.version() != Version::V26Containerd));
}

#[test]
#[ignore = "needs root: private engine"]
fn an_engine_on_a_disk_of_its_own_can_be_full() {
    let engine = Engine::start_on_disk(Version::V20, 200).expect("a second engine");
    let footprint = Footprint::of_engine(&engine);
    let grow = "dd if=/dev/zero of=/big bs=1M count=300 2>&1 || true";
    let full = engine.docker(&["run", "--rm", "busybox", "sh", "-c", grow]);
    assert!(full.contains("No space left on device"), "{full}");
    drop(engine);
    assert_eq!(footprint.leftovers(), Vec::<PathBuf>::new());
}

#[test]
#[ignore = "needs root: private engine"]
fn an_invocation_reaches_the_engine_that_it_uses() {
    for engine in engines() {
        let outcome =
            Project::new().program("docker").args(["image", "ls", "-q", "busybox"]).uses(engine).run();
        outcome.status(0).check(!outcome.stdout.is_empty(), || "no such image".to_owned());
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn the_python_image_has_venv_pip_and_ssl() {
    for engine in engines() {
        engine.import_python("python:3.12-slim");
        let script = "python3 -m venv /v && /v/bin/python -c 'import pip, ssl; print(1 + 1)'";
        assert_eq!(engine.docker(&["run", "--rm", "python:3.12-slim", "sh", "-c", script]), "2");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn an_engine_that_is_dropped_is_gone() {
    let engine = Engine::start(Version::V20).expect("a second engine");
    let footprint = Footprint::of_engine(&engine);
    footprint.assert_complete();
    drop(engine);
    assert_eq!(footprint.leftovers(), Vec::<PathBuf>::new());
}

#[test]
#[ignore = "needs root: private engine"]
fn an_engine_is_gone_when_its_process_is_killed() {
    let mut hold = Command::new(env!("CARGO_BIN_EXE_hold"));
    let mut hold = hold.arg("engine").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("hold");
    let mut lines = BufReader::new(hold.stdout.take().expect("a pipe")).lines();
    let footprint: Footprint = lines.next().expect("a line").expect("text").parse().expect("a footprint");
    footprint.assert_complete();
    hold.kill().and_then(|()| hold.wait()).expect("a kill");
    footprint.wait_until_gone();
}
