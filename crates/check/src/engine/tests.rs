//! The judgement of each check, over facts as docker and the script print them.

use std::path::PathBuf;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::Severity::{Ok, Problem, Warning};
use crate::finding::severity;

const NOW: &str = "2026-11-27T13:12:23.395185118Z";

/// A machine on which nothing is wrong.
const MACHINE: &str = "user ada\nengine-root /var/lib/docker\nids 1000:1000\ngroups ada docker\ndocker-group docker:x:990:ada\ndisk 66000000 252000000\n\
    inodes 900000 1000000";

/// What `docker info` prints of an engine with which nothing is wrong, with changes.
fn info(changes: &Value) -> Info {
    let mut info = json!({
        "ServerVersion": "26.1.5", "Name": "vm", "Driver": "overlay2", "DriverStatus": [["Supports d_type", "true"]],
        "DockerRootDir": "/var/lib/docker", "OperatingSystem": "Debian GNU/Linux 12", "OSType": "linux",
        "Architecture": "x86_64", "MemTotal": 25_276_514_304_u64, "MemoryLimit": true, "CgroupDriver": "systemd",
        "CgroupVersion": "2", "LoggingDriver": "local", "LiveRestoreEnabled": false, "SystemTime": NOW,
        "SecurityOptions": null, "Runtimes": null, "CDISpecDirs": null, "ClientInfo": { "Plugins": null },
    });
    for (key, value) in changes.as_object().unwrap() {
        info[key] = value.clone();
    }
    Info::parse(info.to_string().as_bytes()).unwrap()
}

fn facts(changes: &Value) -> EngineFacts {
    let now = DateTime::parse_from_rfc3339(NOW).unwrap().to_utc();
    EngineFacts {
        info: Some(info(changes)),
        queried: Some((now, now)),
        usage: Some(Vec::new()),
        ..EngineFacts::default()
    }
}

#[test]
fn a_healthy_engine_is_silent() {
    let findings = facts(&json!({})).judge(&MachineFacts::of(MACHINE), &Place::Local);
    assert!(findings.iter().all(|finding| finding.severity == Ok && finding.fix.is_none()), "{findings:#?}");
    assert!(findings.len() >= 10);
}

#[test]
fn each_state_of_an_engine_has_its_finding() {
    let desktop = "Docker Desktop";
    for (id, expected, changes) in [
        ("engine.storage", Problem, json!({"Driver": "vfs"})),
        ("engine.storage", Warning, json!({"Driver": "devicemapper"})),
        ("engine.storage", Problem, json!({"DriverStatus": [["Supports d_type", "false"]]})),
        ("engine.storage", Ok, json!({"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]})),
        ("engine.memory", Warning, json!({"MemTotal": 2_061_705_216_u64, "OperatingSystem": desktop})),
        ("engine.memory", Ok, json!({"MemTotal": 2_061_705_216_u64})),
        ("engine.memory", Warning, json!({"MemTotal": 1_000_000_000})),
        ("engine.cgroups", Warning, json!({"MemoryLimit": false})),
        ("engine.cgroups", Ok, json!({"CgroupVersion": "1"})),
        ("engine.live-restore", Ok, json!({"LiveRestoreEnabled": false})),
        ("engine.log-rotation", Warning, json!({"LoggingDriver": "json-file"})),
        ("engine.log-rotation", Ok, json!({"LoggingDriver": "json-file", "OperatingSystem": desktop})),
    ] {
        let findings = facts(&changes).judge(&MachineFacts::of(MACHINE), &Place::Local);
        assert_eq!(severity(&findings, id), expected, "{changes}");
    }
}

#[test]
fn each_state_of_the_machine_has_its_finding() {
    let upgrades = "apt APT::Periodic::Unattended-Upgrade \"1\";";
    for (id, expected, line) in [
        ("engine.space", Problem, "disk 900000 252000000"),
        ("engine.space", Warning, "disk 4000000 252000000"),
        ("engine.inodes", Warning, "inodes 50000 1000000"),
        ("engine.inodes", Problem, "inodes 500 1000000"),
        ("engine.live-restore", Warning, upgrades),
    ] {
        // The first value of a name counts.
        let machine = MachineFacts::of(&format!("{line}\n{MACHINE}"));
        let findings = facts(&json!({})).judge(&machine, &Place::Local);
        let finding = findings.iter().find(|finding| finding.id == id).unwrap();
        assert!(finding.severity == expected && finding.fix.is_some(), "{line}: {finding:?}");
    }
    let machine = MachineFacts::of(&format!("{upgrades}\n{MACHINE}"));
    let findings = facts(&json!({"LiveRestoreEnabled": true})).judge(&machine, &Place::Local);
    assert_eq!(severity(&findings, "engine.live-restore"), Ok);
    let config = "engine-root /x\ndaemon-json { \"log-opts\": { \"max-size\": \"50m\" } }";
    let findings =
        facts(&json!({"LoggingDriver": "json-file"})).judge(&MachineFacts::of(config), &Place::Local);
    assert_eq!(severity(&findings, "engine.log-rotation"), Ok);
    // A file that exists is never replaced, and a rootless engine has its own.
    for (changes, expected) in [
        (json!({"LoggingDriver": "json-file"}), "| sudo sh -C -c 'cat >/etc/docker/daemon.json' && "),
        (
            json!({"LoggingDriver": "json-file", "SecurityOptions": ["name=rootless"]}),
            "~/.config/docker/daemon.json && systemctl --user restart docker",
        ),
    ] {
        let findings = facts(&changes).judge(&MachineFacts::of(MACHINE), &Place::Local);
        let finding = findings.iter().find(|finding| finding.id == "engine.log-rotation").unwrap();
        let fix = finding.fix.as_ref().unwrap().to_string();
        assert!(fix.contains(expected), "{fix}");
    }
    // Nothing is known about the machine of an engine elsewhere.
    let elsewhere = MachineFacts::of(MACHINE).without_engine();
    let findings = facts(&json!({"LoggingDriver": "json-file"}))
        .judge(&elsewhere, &Place::Elsewhere("build".to_owned()));
    assert!(findings.iter().all(|finding| finding.severity == Ok), "{findings:#?}");
    assert!(findings.iter().all(|finding| finding.id != "engine.space"));
    // A file system without a table of inodes has none to run out of.
    let findings = facts(&json!({})).judge(&MachineFacts::of("inodes 0 0"), &Place::Local);
    assert!(findings.iter().all(|finding| finding.id != "engine.inodes"));
}

#[test]
fn a_clock_that_differs_is_found_whatever_its_direction() {
    for (seconds, expected) in
        [(0, Ok), (4, Ok), (-4, Ok), (6, Warning), (-6, Warning), (301, Problem), (-301, Problem)]
    {
        let mut facts = facts(&json!({}));
        let (begin, end) = facts.queried.unwrap();
        let skew = TimeDelta::seconds(seconds);
        facts.queried = Some((begin + skew, end + skew));
        let findings = facts.judge(&MachineFacts::of(MACHINE), &Place::Local);
        assert_eq!(severity(&findings, "engine.clock"), expected, "{seconds}");
    }
}

#[test]
fn caches_that_could_go_are_a_warning_if_they_are_large_or_larger_than_what_is_free() {
    let line = |kind: &str, size: &str| {
        format!(r#"{{"Type":"{kind}","Size":"{size}","Reclaimable":"{size} (100%)"}}"#)
    };
    for (images, cache, expected) in
        [("3GB", "4GB", Ok), ("30GB", "25GB", Warning), ("6GB", "1GB", Warning), ("0B", "0B", Ok)]
    {
        let output = [line("Images", images), line("Build Cache", cache)].join("\n");
        let facts = EngineFacts { usage: Usage::parse(output.as_bytes()), ..facts(&json!({})) };
        let disk = if images == "6GB" { "disk 5500000 9000000" } else { "disk 66000000 90000000" };
        let findings = facts.judge(&MachineFacts::of(disk), &Place::Local);
        assert_eq!(severity(&findings, "engine.reclaimable"), expected, "{images} {cache}");
    }
    let facts = EngineFacts { usage: None, ..facts(&json!({})) };
    assert_eq!(severity(&facts.judge(&MachineFacts::of(MACHINE), &Place::Local), "engine.reclaimable"), Ok);
}

#[test]
fn an_engine_that_cannot_be_reached_has_a_fix_for_its_cause() {
    let socket = PathBuf::from("/var/run/docker.sock");
    let denied = || Some(EngineUnreachable::PermissionDenied(socket.clone()));
    let down = || Some(EngineUnreachable::NotRunning(socket.clone()));
    let dock = Place::Dock("gpu".to_owned());
    for (unreachable, machine, place, fix) in [
        (
            denied(),
            "user ada\ngroups ada\ndocker-group docker:x:990:",
            Place::Local,
            "sudo usermod -aG docker ada",
        ),
        (denied(), "user ada\ngroups ada\ndocker-group docker:x:990:ada", Place::Local, "log in again"),
        (denied(), "user ada\ngroups ada", Place::Local, "sudo groupadd docker"),
        (down(), "user ada", Place::Local, "sudo systemctl start docker"),
        (down(), "snap /snap/bin/docker", Place::Local, "sudo snap start docker"),
        (
            down(),
            "socket /run/user/1000/docker.sock",
            Place::Local,
            "export DOCKER_HOST=unix:///run/user/1000/docker.sock",
        ),
        (None, "", dock, "ssh-dock gpu -- docker info"),
    ] {
        let facts = EngineFacts { unreachable, ..EngineFacts::default() };
        let findings = facts.judge(&MachineFacts::of(machine), &place);
        assert_eq!(severity(&findings, "engine.reachable"), Problem);
        let found = findings[0].fix.as_ref().unwrap().to_string();
        assert!(found.contains(fix), "{machine}: {found}");
    }
}

#[test]
fn versions_of_the_api_that_do_not_meet_are_a_problem() {
    let refusal =
        "Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.44";
    let refused = EngineFacts { stderr: refusal.to_owned(), ..EngineFacts::default() };
    assert_eq!(severity(&refused.judge(&MachineFacts::default(), &Place::Local), "engine.api"), Problem);
    let versions = br#"{"Client":{"Version":"28.2.2","ApiVersion":"1.41","DefaultAPIVersion":"1.50"},
        "Server":{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12"}}"#;
    let facts = EngineFacts { versions: Versions::parse(versions), ..facts(&json!({})) };
    assert_eq!(severity(&facts.judge(&MachineFacts::of(MACHINE), &Place::Local), "engine.api"), Ok);
}
