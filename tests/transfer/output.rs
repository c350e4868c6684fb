//! The output: the plan of a dry run, the report, JSON, and the echo.

use dockerutils_testbed::{Dock, Engine, Version, engines_of_each_store};
use serde_json::Value;

use super::{Fixture, dock, engine, messages, small};

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_dry_run_prints_each_layer_and_sends_nothing() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(50), &["planned:1"]);
    engine.load(&small(50).with_last_layer_changed(), &["planned:2"]);
    fixture.send(engine, "planned:1");
    let before = fixture.proxy.sent();
    let outcome = fixture.transfer(engine, &["planned:2", "gpu", "--dry-run"]).run();
    let lines: Vec<&str> = outcome.status(0).stdout.lines().collect();
    let layers = engine.docker(&[
        "image",
        "inspect",
        "--format",
        "{{range .RootFS.Layers}}{{println .}}{{end}}",
        "planned:2",
    ]);
    for ((line, layer), action) in lines[1..].iter().zip(layers.lines()).zip(["kept", "kept", "sent"]) {
        assert!(line.starts_with(layer) && line.ends_with(action), "{}", outcome.stdout);
    }
    assert!(lines.len() == 4 && lines[3].contains(" 302 kB ") | lines[3].contains(" 300 kB "), "{lines:?}");
    let json = fixture.transfer(engine, &["planned:2", "gpu", "--dry-run", "--json"]).run();
    let plan: Value = serde_json::from_str(&json.status(0).stdout).expect("JSON");
    let sent: Vec<&Value> =
        plan[0]["layers"].as_array().expect("layers").iter().map(|layer| &layer["sent"]).collect();
    assert_eq!((&plan[0]["host"], sent), (&"gpu".into(), vec![&false.into(), &false.into(), &true.into()]));
    assert!(!fixture.has("planned:2") && fixture.proxy.sent() - before < 64_000);
    fixture.leaves_nothing_behind();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_report_is_one_line_or_json() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(51), &["reported:1"]);
    engine.load(&small(51).with_last_layer_changed(), &["reported:2"]);
    let outcome = fixture.transfer(engine, &["reported:1", "gpu"]).run();
    outcome.status(0).stdout_is("");
    let lines = messages(&outcome);
    assert!(lines.len() == 2 && lines[0].starts_with("sending 3 layers, 3.3 MB to gpu"), "{lines:?}");
    assert!(
        lines[1].starts_with("sent ") && lines[1].ends_with(" s (0 of 3 layers were there)"),
        "{lines:?}"
    );

    let before = fixture.proxy.sent();
    let outcome = fixture.transfer(engine, &["reported:2", "gpu", "--json"]).run();
    let sent = fixture.proxy.sent() - before;
    let report: Value = serde_json::from_str(&outcome.status(0).stdout).expect("JSON");
    let report = &report[0];
    let id = engine.docker(&["image", "inspect", "--format", "{{.Id}}", "reported:2"]);
    assert_eq!(report["images"][0]["id"], *id);
    assert_eq!(report["images"][0]["references"][0], "reported:2");
    assert_eq!((&report["layers_sent"], &report["layers_kept"]), (&1.into(), &2.into()));
    // The reported bytes are those on the line, without what ssh and the scripts add.
    let reported = report["bytes_sent"].as_u64().expect("a number");
    assert!(reported <= sent && sent < reported + 64_000 && reported > 300_000, "{reported} of {sent}");

    let nothing = fixture.transfer(engine, &["reported:2", "gpu"]).run();
    let lines = messages(nothing.status(0));
    assert!(lines.iter().any(|line| line.starts_with("sent no layer to gpu in ")), "{lines:?}");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn an_unchanged_image_takes_one_connection_and_three_commands() {
    let stores = [Version::V20, Version::V26Containerd];
    for (local, remote) in stores.into_iter().flat_map(|local| stores.map(|remote| (local, remote))) {
        let engines = engines_of_each_store();
        let engine = engines.into_iter().find(|engine| engine.version() == local).expect("an engine");
        let dock = Dock::builder("counts", remote).sshd_option("LogLevel VERBOSE").start().expect("a dock");
        transfer_unchanged(engine, &dock);
    }
}

fn transfer_unchanged(engine: &Engine, dock: &Dock) {
    let fixture = Fixture::of(dock);
    engine.load(&small(52), &["counted:1"]);
    fixture.send(engine, "counted:1");
    let log = || std::fs::read_to_string(dock.root().join("var/log/sshd")).expect("sshd's log");
    let (before, connections) = (log().len(), fixture.proxy.connections());
    let sent = fixture.send(engine, "counted:1");
    let log = log();
    let commands = log[before..].matches("Starting session").count();
    assert_eq!(fixture.proxy.connections() - connections, 1);
    let (local, remote) = (engine.version(), dock.version());
    println!("{local} to {remote}: {commands} commands, {sent} bytes");
    assert!(commands <= 3 && sent < 32_000, "{local} to {remote}: {commands} commands, {sent} bytes");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_terminal_shows_a_progress_bar() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(53), &["bar:1"]);
    let outcome = fixture.transfer(engine, &["bar:1", "gpu"]).spawn_in_terminal().wait();
    outcome.status(0).stderr_has("layers kept)").stderr_has("layers were there)");
    outcome.stderr_has("/s").stderr_has(" left (");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_pasted_echo_has_the_same_result() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(54), &["pasted:1"]);
    let outcome = fixture.transfer(engine, &["pasted:1", "gpu", "--dry-run"]).run();
    let [line] = &outcome.status(0).echoed()[..] else { panic!("{}", outcome.stderr) };
    assert!(line.starts_with("docker save pasted:1 | ssh "), "{line}");
    let bash = fixture.project.program("bash").uses(engine).args(["-o", "pipefail", "-c", line]);
    let bin = engine.socket().with_file_name("bin");
    let path = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&dock.path())));
    bash.env("PATH", path.expect("a PATH")).run().status(0);
    assert!(fixture.has("pasted:1"));
}
