//! ls-dock: probes in parallel, the table and the JSON.

use std::fs;

use dockerutils_testbed::dock;
use dockerutils_testkit::Project;
use serde_json::{Value, json};

use super::{command, file, messages, register};

#[test]
fn without_docks_a_message_names_register_dock() {
    let project = Project::new();
    let outcome = project.command("ls-dock").run();
    outcome.status(0).stdout_is("").echoes(&[]);
    assert_eq!(
        messages(&outcome, "ls-dock"),
        ["no dock is registered: `register-dock ADDRESS MONIKER` registers one"]
    );
    project.command("ls-dock").arg("--json").run().status(0).stdout_is("[]\n");
    assert!(!project.home().join(".docker").exists());
}

#[test]
fn without_probes_the_table_shows_the_records() {
    let project = Project::new();
    for words in [&["192.0.2.1", "gpu"][..], &["build.example", "-u", "ada"]] {
        project.command("register-dock").args(words).arg("--no-check").run().status(0);
    }
    let outcome = project.command("ls-dock").arg("--no-probe").env("DOCKER_IP", "192.0.2.1").run();
    outcome.status(0).echoes(&[]).stdout_is(
        "   MONIKER        ADDRESS        USER    STATE  DOCKER  LATENCY\n   \
            build.example  build.example  ada\n*  \
            gpu            192.0.2.1      ubuntu\n",
    );
    let gone = project.command("ls-dock").arg("--no-probe").env("DOCKER_IP", "192.0.2.7").run();
    gone.status(0).stderr_has("warning: this terminal is docked, but there is no dock `192.0.2.7`");
}

#[test]
fn the_json_has_these_fields() {
    let project = Project::new();
    let record = file(&project, "192.0.2.1", "connection_config.txt");
    fs::create_dir_all(record.parent().unwrap()).unwrap();
    fs::write(&record, "DOCK_MONIKER=gpu\nDOCK_PORT=2222\nDOCK_INSTANCE_ID=i-0ab\nDOCK_REGION=eu-west-1\n")
        .unwrap();
    let outcome = project.command("ls-dock").args(["--json", "--no-probe"]).run();
    let listed: Value = serde_json::from_str(&outcome.status(0).stdout).unwrap();
    assert_eq!(
        listed,
        json!([{
            "moniker": "gpu", "address": "192.0.2.1", "user": "ubuntu", "port": 2222,
            "instance_id": "i-0ab", "region": "eu-west-1", "instance_state": null, "current": false,
            "state": null, "problem": null, "docker": null, "latency_ms": null, "type": null, "az": null,
            "launched": null, "price_per_hour": null, "price_date": null, "idle_minutes": null, "stops_in": null,
        }])
    );
}

#[test]
fn a_broken_record_does_not_hide_the_others() {
    let project = Project::new();
    project.command("register-dock").args(["192.0.2.1", "gpu", "--no-check"]).run().status(0);
    let record = file(&project, "192.0.2.2", "connection_config.txt");
    fs::create_dir_all(record.parent().unwrap()).unwrap();
    fs::write(&record, "nonsense\n").unwrap();
    let outcome = project.command("ls-dock").arg("--no-probe").run();
    outcome.status(1).stderr_has(&format!("ls-dock: {}:1: this is not KEY=VALUE", record.display()));
    assert!(outcome.stdout.contains("gpu"), "{}", outcome.stdout);
}

#[test]
fn a_thousand_docks_are_listed() {
    let project = Project::new();
    for number in 0..1000 {
        let record = file(&project, &format!("dock-{number:03}"), "connection_config.txt");
        fs::create_dir_all(record.parent().unwrap()).unwrap();
        fs::write(&record, "DOCK_USER=ubuntu\n").unwrap();
    }
    let outcome = project.command("ls-dock").arg("--no-probe").run();
    assert_eq!(outcome.status(0).stdout.lines().count(), 1001);
}

#[test]
#[ignore = "needs root: dock"]
fn dead_docks_do_not_delay_the_others() {
    let dock = dock();
    let project = Project::new();
    register(&project, dock).arg("up").run().status(0);
    let net = dock.address().to_string().rsplit_once('.').map(|(net, _)| net.to_owned()).unwrap();
    let add = |words: &[&str]| {
        command(&project, dock, "register-dock")
            .args(words.iter().copied())
            .arg("--no-check")
            .run()
            .status(0);
    };
    for number in 200..240 {
        add(&[&format!("{net}.{number}"), &format!("dead-{number}")]);
    }
    add(&["127.0.0.1", "refused", "-p", "1"]);
    let list = |json: &[&str]| {
        command(&project, dock, "ls-dock").args(["--timeout", "5"]).args(json.iter().copied()).run()
    };
    let outcome = list(&[]);
    assert_eq!(outcome.status(0).stdout.lines().count(), 43);
    // One probe is echoed and the others are counted.
    assert_eq!(outcome.stderr_has("\n# and 41 likewise (-v shows all)\n").echoed().len(), 1);
    assert_eq!(list(&["-v"]).stderr_lacks("likewise").echoed().len(), 42);
    list(&["-q"]).status(0).stderr_lacks("likewise").echoes(&[]);
    let state = |moniker: &str| {
        let line = outcome.stdout.lines().find(|line| line.split_whitespace().next() == Some(moniker));
        line.unwrap_or_default().split_whitespace().skip(3).collect::<Vec<_>>().join(" ")
    };
    assert!(state("up").starts_with("up ") && state("up").ends_with(" ms"), "{}", outcome.stdout);
    assert_eq!((state("dead-239").as_str(), state("refused").as_str()), ("no answer", "refused"));
    let listed: Value = serde_json::from_str(&list(&["--json"]).status(0).stdout).unwrap();
    let find =
        |moniker: &str| listed.as_array().unwrap().iter().find(|dock| dock["moniker"] == moniker).unwrap();
    let (up, dead) = (find("up"), find("dead-200"));
    assert_eq!((&up["state"], &up["problem"]), (&json!("up"), &Value::Null));
    assert!(up["latency_ms"].is_u64() && up["docker"].is_string());
    assert_eq!((&dead["state"], &dead["latency_ms"]), (&json!("no answer"), &Value::Null));
    assert!(dead["problem"].as_str().unwrap().contains("does not respond: check that it is switched on"));
}
