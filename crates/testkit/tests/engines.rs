//! Private engines: they come up, run containers, and leave nothing behind, however the tests end.
#![expect(clippy::disallowed_types, reason = "a test binary is started to be killed")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use dockerutils_testkit::{Engine, Project, Version, engines, engines_of_each_store};

#[test]
#[ignore = "needs root: private engine"]
fn each_engine_is_the_version_it_says_and_runs_containers() {
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
fn there_is_an_engine_for_each_store() {
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
fn an_engine_may_have_a_disk_of_its_own() {
    let engine = Engine::start_on_disk(Version::V20, 200).expect("a second engine");
    let traces = make_traces(&engine);
    let grow = "dd if=/dev/zero of=/big bs=1M count=300 2>&1 || true";
    let full = engine.docker(&["run", "--rm", "busybox", "sh", "-c", grow]);
    assert!(full.contains("No space left on device"), "{full}");
    drop(engine);
    assert_eq!(traces.left(), Vec::<PathBuf>::new());
}

#[test]
#[ignore = "needs root: private engine"]
fn a_command_reaches_its_engine() {
    for engine in engines() {
        let outcome =
            Project::new().program("docker").args(["image", "ls", "-q", "busybox"]).engine(engine).run();
        outcome.status(0).check(!outcome.stdout.is_empty(), || "no such image".to_owned());
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn the_stand_in_for_python_has_what_an_image_needs() {
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
    let traces = make_traces(&engine);
    drop(engine);
    assert_eq!(traces.left(), Vec::<PathBuf>::new());
}

#[test]
#[ignore = "needs root: private engine"]
fn an_engine_is_gone_when_the_tests_were_killed() {
    let mut tests = Command::new(std::env::current_exe().expect("the test's path"))
        .args(["--exact", "to_be_killed", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a second test process");
    let output = BufReader::new(tests.stdout.take().expect("a pipe")).lines();
    let lines = output.map_while(Result::ok);
    let traces = lines.filter_map(|line| Traces::parse(&line)).next().expect("an engine");
    assert_eq!(traces.left().len(), 3);
    tests.kill().and_then(|()| tests.wait()).expect("a kill");
    for _ in 0..1000 {
        if traces.left().is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("left behind: {:?}", traces.left());
}

#[test]
#[ignore = "another test starts it, and kills it"]
fn to_be_killed() {
    let engine = Engine::start(Version::V20).expect("an engine");
    let traces = make_traces(&engine);
    println!("\nTRACES {} {} {}", traces.0[0].display(), traces.0[1].display(), traces.0[2].display());
    std::thread::sleep(Duration::from_secs(120));
}

/// What stands on the machine as long as an engine does: its folder, its bridge, and a network of its own.
struct Traces([PathBuf; 3]);

impl Traces {
    fn parse(line: &str) -> Option<Self> {
        let paths: Vec<PathBuf> = line.strip_prefix("TRACES ")?.split(' ').map(PathBuf::from).collect();
        paths.try_into().ok().map(Traces)
    }

    fn left(&self) -> Vec<PathBuf> {
        self.0.iter().filter(|path| path.exists()).cloned().collect()
    }
}

/// Runs a container that heeds no signal, on a network of its own.
fn make_traces(engine: &Engine) -> Traces {
    let network = engine.docker(&["network", "create", "own"]);
    engine.import_busybox("busybox:latest");
    engine.docker(&["run", "-d", "--network", "own", "busybox", "sh", "-c", "trap '' TERM; sleep 1000"]);
    let bridge_name = "{{index .Options \"com.docker.network.bridge.name\"}}";
    let bridge = engine.docker(&["network", "inspect", "bridge", "--format", bridge_name]);
    let interfaces = Path::new("/sys/class/net");
    Traces([
        engine.docker(&["info", "--format", "{{.DockerRootDir}}"]).into(),
        interfaces.join(bridge),
        interfaces.join(format!("br-{}", &network[..12])),
    ])
}
