//! What is told: the plan, the end, JSON, and commands that do the same by hand.

use dockerutils_testbed::{Dock, Engine, Version, engines_of_each_store};
use serde_json::Value;

use super::{Setting, dock, engine, said, small};

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_dry_run_tells_each_layer_and_sends_nothing() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(50), &["planned:1"]);
    engine.load(&small(50).with_last_layer_changed(), &["planned:2"]);
    setting.send(engine, "planned:1");
    let before = setting.way.sent();
    let outcome = setting.transfer(engine, &["planned:2", "gpu", "--dry-run"]).run();
    let lines: Vec<&str> = outcome.status(0).stdout.lines().collect();
    let layers = engine.docker(&[
        "image",
        "inspect",
        "--format",
        "{{range .RootFS.Layers}}{{println .}}{{end}}",
        "planned:2",
    ]);
    for ((line, layer), does) in lines[1..].iter().zip(layers.lines()).zip(["kept", "kept", "sent"]) {
        assert!(line.starts_with(layer) && line.ends_with(does), "{}", outcome.stdout);
    }
    assert!(lines.len() == 4 && lines[3].contains(" 302 kB ") | lines[3].contains(" 300 kB "), "{lines:?}");
    let json = setting.transfer(engine, &["planned:2", "gpu", "--dry-run", "--json"]).run();
    let told: Value = serde_json::from_str(&json.status(0).stdout).expect("JSON");
    let sent: Vec<&Value> =
        told[0]["layers"].as_array().expect("layers").iter().map(|layer| &layer["sent"]).collect();
    assert_eq!((&told[0]["host"], sent), (&"gpu".into(), vec![&false.into(), &false.into(), &true.into()]));
    assert!(!setting.has("planned:2") && setting.way.sent() - before < 64_000);
    setting.leaves_no_trace();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_end_is_told_in_one_line_and_as_json() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(51), &["told:1"]);
    engine.load(&small(51).with_last_layer_changed(), &["told:2"]);
    let outcome = setting.transfer(engine, &["told:1", "gpu"]).run();
    outcome.status(0).stdout_is("");
    let told = said(&outcome);
    assert!(told.len() == 2 && told[0].starts_with("sending 3 layers, 3.3 MB to gpu"), "{told:?}");
    assert!(told[1].starts_with("sent ") && told[1].ends_with(" s (0 of 3 layers were there)"), "{told:?}");

    let before = setting.way.sent();
    let outcome = setting.transfer(engine, &["told:2", "gpu", "--json"]).run();
    let sent = setting.way.sent() - before;
    let report: Value = serde_json::from_str(&outcome.status(0).stdout).expect("JSON");
    let report = &report[0];
    let id = engine.docker(&["image", "inspect", "--format", "{{.Id}}", "told:2"]);
    assert_eq!(report["images"][0]["id"], *id);
    assert_eq!(report["images"][0]["references"][0], "told:2");
    assert_eq!((&report["layers_sent"], &report["layers_kept"]), (&1.into(), &2.into()));
    // What it says is what went over the line, but for what ssh and questions take.
    let said = report["bytes_sent"].as_u64().expect("a number");
    assert!(said <= sent && sent < said + 64_000 && said > 300_000, "{said} of {sent}");

    let nothing = setting.transfer(engine, &["told:2", "gpu"]).run();
    let told = self::said(nothing.status(0));
    assert!(told.iter().any(|line| line.starts_with("sent no layer to gpu in ")), "{told:?}");
}

/// However each store calls the image.
#[test]
#[ignore = "needs root: private engine and dock"]
fn nothing_changed_takes_one_connection_and_three_commands() {
    let stores = [Version::V20, Version::V26Containerd];
    for (here, there) in stores.into_iter().flat_map(|here| stores.map(|there| (here, there))) {
        let engines = engines_of_each_store();
        let engine = engines.into_iter().find(|engine| engine.version() == here).expect("an engine");
        let dock = Dock::builder("counts", there).sshd_option("LogLevel VERBOSE").start().expect("a dock");
        nothing_changed(engine, &dock);
    }
}

fn nothing_changed(engine: &Engine, dock: &Dock) {
    let setting = Setting::of(dock);
    engine.load(&small(52), &["counted:1"]);
    setting.send(engine, "counted:1");
    let log = || std::fs::read_to_string(dock.root().join("var/log/sshd")).expect("sshd's log");
    let (before, connections) = (log().len(), setting.way.connections());
    let sent = setting.send(engine, "counted:1");
    let log = log();
    let commands = log[before..].matches("Starting session").count();
    assert_eq!(setting.way.connections() - connections, 1);
    let (here, there) = (engine.version(), dock.version());
    println!("{here} to {there}: {commands} commands, {sent} bytes");
    assert!(commands <= 3 && sent < 32_000, "{here} to {there}: {commands} commands, {sent} bytes");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_terminal_shows_a_bar() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(53), &["bar:1"]);
    let outcome = setting.transfer(engine, &["bar:1", "gpu"]).spawn_in_terminal().wait();
    outcome.status(0).stderr_has("layers kept)").stderr_has("layers were there)");
    outcome.stderr_has("/s").stderr_has(" left (");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_echo_does_the_same_when_it_is_pasted() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(54), &["pasted:1"]);
    let outcome = setting.transfer(engine, &["pasted:1", "gpu", "--dry-run"]).run();
    let [line] = &outcome.status(0).echoed()[..] else { panic!("{}", outcome.stderr) };
    assert!(line.starts_with("docker save pasted:1 | ssh "), "{line}");
    let bash = setting.project.program("bash").uses(engine).args(["-o", "pipefail", "-c", line]);
    let bin = engine.socket().with_file_name("bin");
    let path = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&dock.path())));
    bash.env("PATH", path.expect("a PATH")).run().status(0);
    assert!(setting.has("pasted:1"));
}
