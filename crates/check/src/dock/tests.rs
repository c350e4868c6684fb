//! The judgement over facts as the script prints them on a dock.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::*;
use crate::Severity::{self, Ok, Problem, Warning};

/// A dock on which nothing is wrong.
const MACHINE: &str = "user ubuntu\nids 1000:1000\ngroups ubuntu docker\ndocker /usr/bin/docker\nsudo yes\n\
    sshd maxstartups 100:30:200\nsshd maxsessions 100\nsshd allowstreamlocalforwarding yes\n\
    workspace rw /data/workspaces/ada\nrsync rsync  version 3.2.7\nzstd zstd 1.5\ndial 0\nconnections 2";

/// A dock of which nothing is known but that ssh reaches it.
fn unknown() -> DockFacts {
    DockFacts {
        moniker: "gpu".to_owned(),
        address: "10.0.0.5".to_owned(),
        user: "ubuntu".to_owned(),
        engine_socket: "/var/run/docker.sock".to_owned(),
        machine: Err(ScriptFault::Refused),
        host_key: None,
        took: None,
        socket: SocketForwarding::Unknown,
        forwards_ports: false,
        is_on_ec2: false,
        now: DateTime::from_timestamp(1_764_200_000, 0).unwrap(),
    }
}

fn judge(machine: &str) -> Vec<Finding> {
    let facts = DockFacts {
        machine: Result::Ok(MachineFacts::of(machine)),
        host_key: Some("SHA256:x (ED25519)".to_owned()),
        took: Some(Duration::from_millis(25)),
        socket: SocketForwarding::Forwarded,
        forwards_ports: true,
        is_on_ec2: machine.contains("idle-timer") || machine.contains("ec2"),
        ..unknown()
    };
    facts.judge()
}

fn finding<'a>(findings: &'a [Finding], id: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.id == id).unwrap_or_else(|| panic!("no {id} in {findings:#?}"))
}

#[test]
fn a_healthy_dock_is_silent() {
    let idle = r#"idle {"version":"1","checked":1764200000,"idle":3,"limit":60,"stops_in":57,"active":[],"failed":[]}"#;
    for machine in [MACHINE.to_owned(), format!("{MACHINE}\nidle-timer yes\n{idle}")] {
        let findings = judge(&machine);
        assert!(
            findings.iter().all(|finding| finding.severity == Ok && finding.fix.is_none()),
            "{findings:#?}"
        );
    }
}

#[test]
fn each_state_of_a_dock_has_its_finding() {
    let old = r#"idle {"version":"1","checked":1764190000,"idle":3,"limit":60,"stops_in":57,"active":[],"failed":[]}"#;
    let upgrades = "apt APT::Periodic::Unattended-Upgrade \"1\";\n";
    let cases: [(&str, Severity, &str, &str); 17] = [
        ("dock.max-startups", Warning, "maxstartups 100:30:200", "maxstartups 3:30:10"),
        ("dock.max-sessions", Warning, "maxsessions 100", "maxsessions 1"),
        ("dock.docker-path", Problem, "docker /usr/bin/docker\n", ""),
        ("dock.docker-path", Problem, "docker /usr/bin/docker\n", "snap /snap/bin/docker\n"),
        ("dock.group", Warning, "groups ubuntu docker", "groups ubuntu"),
        ("dock.group", Problem, "groups ubuntu docker\ndocker /usr/bin/docker\nsudo yes", "groups ubuntu"),
        ("dock.workspace", Problem, "workspace rw", "workspace no"),
        ("dock.rsync", Problem, "rsync rsync  version 3.2.7\n", ""),
        ("dock.zstd", Warning, "zstd zstd 1.5\n", ""),
        ("dock.dial-stdio", Warning, "dial 0", "dial 12"),
        ("dock.connections", Warning, "connections 2", "connections 40"),
        ("dock.transfers", Warning, "dial 0", "dial 0\ntransfer /tmp/dockerutils-aB3dE6"),
        ("dock.reboot", Warning, "dial 0", "dial 0\nreboot linux-image-6.1 ."),
        ("dock.upgrades", Warning, "dial 0", &format!("dial 0\ngpu x\n{upgrades}")),
        ("dock.idle-timer", Warning, "dial 0", "dial 0\nec2 yes"),
        ("dock.idle-timer", Warning, "dial 0", "dial 0\nidle-timer yes"),
        ("dock.idle-timer", Warning, "dial 0", &format!("dial 0\nidle-timer yes\n{old}")),
    ];
    for (id, expected, from, to) in cases {
        let findings = judge(&MACHINE.replace(from, to));
        let found = finding(&findings, id);
        assert!(found.severity == expected && found.fix.is_some(), "{to}: {found:?}");
        assert!(MACHINE.contains(from));
    }
}

#[test]
fn podman_s_socket_makes_a_user_able_to_use_docker_only_if_it_is_used() {
    let socket = "/run/user/1000/podman/podman.sock";
    let machine = MACHINE
        .replace("groups ubuntu docker", &format!("groups ubuntu\nsocket {socket}"))
        .replace("sudo yes\n", "");
    assert_eq!(finding(&judge(&machine), "dock.group").severity, Problem);
    let facts = MachineFacts::of(&machine);
    let podman = DockFacts { machine: Result::Ok(facts), engine_socket: socket.to_owned(), ..unknown() };
    assert_eq!(finding(&podman.judge(), "dock.group").severity, Ok);
    let rootless = machine.replace(socket, "/run/user/1000/docker.sock");
    assert_eq!(finding(&judge(&rootless), "dock.group").severity, Ok);
}

#[test]
fn a_list_of_packages_that_spares_the_driver_makes_upgrades_harmless() {
    let apt = "gpu x\napt APT::Periodic::Unattended-Upgrade \"1\";\napt Unattended-Upgrade::Package-Blacklist:: \"nvidia-\";";
    assert_eq!(finding(&judge(&format!("{MACHINE}\n{apt}")), "dock.upgrades").severity, Ok);
}

#[test]
fn a_workspace_can_be_created_by_a_safe_fix_if_sudo_asks_for_no_password() {
    let findings = judge(&MACHINE.replace("workspace rw", "workspace no"));
    let fix = finding(&findings, "dock.workspace").fix.clone().unwrap();
    let line = "ssh-dock gpu -- sudo -n install -d -o ubuntu /data/workspaces/ada";
    assert_eq!(fix.safe().unwrap().to_shell(), line);
    // A password is needed, or another user owns the folder.
    for machine in [
        MACHINE.replace("workspace rw", "workspace no").replace("sudo yes\n", ""),
        MACHINE.replace("workspace rw", "workspace foreign"),
    ] {
        let findings = judge(&machine);
        let fix = finding(&findings, "dock.workspace").fix.as_ref().unwrap();
        assert!(
            fix.safe().is_none() && fix.to_string().ends_with("install -d -o ubuntu /data/workspaces/ada")
        );
    }
}

#[test]
fn a_dock_that_is_slow_forwards_nothing_or_runs_no_script_has_its_findings() {
    let slow = DockFacts { took: Some(Duration::from_millis(400)), ..unknown() };
    let findings = slow.judge();
    for id in ["dock.latency", "dock.host-key"] {
        assert_eq!(finding(&findings, id).severity, Warning);
    }
    let shell = finding(&findings, "dock.shell");
    assert_eq!(shell.severity, Problem);
    // A shell that runs no commands cannot change itself.
    let fix =
        "register-dock 10.0.0.5 gpu -u USER   # another user, or as root on the dock: chsh -s /bin/sh ubuntu";
    assert_eq!(shell.fix.as_ref().unwrap().to_string(), fix);
    let unfinished = DockFacts { machine: Err(ScriptFault::Unfinished), ..unknown() };
    assert_eq!(finding(&unfinished.judge(), "dock.shell").severity, Warning);
    let machine = Result::Ok(MachineFacts::of(MACHINE));
    let closed = DockFacts { socket: SocketForwarding::ThroughSsh, machine, ..unknown() };
    for id in ["dock.socket-forwarding", "dock.port-forwarding"] {
        assert_eq!(finding(&closed.judge(), id).severity, Warning);
    }
}

#[test]
fn each_fix_of_sshd_has_a_file_of_its_own() {
    let machine = MACHINE
        .replace("maxstartups 100:30:200", "maxstartups 3:30:10")
        .replace("maxsessions 100", "maxsessions 1");
    let facts = DockFacts {
        machine: Result::Ok(MachineFacts::of(&machine)),
        socket: SocketForwarding::ThroughSsh,
        ..unknown()
    };
    let findings = facts.judge();
    let ids = ["dock.max-startups", "dock.max-sessions", "dock.socket-forwarding", "dock.port-forwarding"];
    let files: BTreeSet<String> = ids
        .iter()
        .map(|id| finding(&findings, id).fix.as_ref().unwrap().to_string())
        .filter_map(|fix| fix.split(' ').find(|word| word.ends_with(".conf")).map(str::to_owned))
        .collect();
    assert_eq!(files.len(), ids.len());
    assert!(files.iter().all(|file| file.starts_with("/etc/ssh/sshd_config.d/00-dockerutils-")), "{files:?}");
}

#[test]
fn sessions_that_were_left_or_lost_are_warnings() {
    let session = |is_connected, holders| SessionFacts {
        moniker: "gpu".to_owned(),
        folder: PathBuf::from("/run/user/1000/dockerutils/gpu-1"),
        is_connected,
        holders,
    };
    assert_eq!(judge_sessions(&[]).severity, Ok);
    assert_eq!(judge_sessions(&[session(true, 1)]).severity, Ok);
    assert_eq!(judge_sessions(&[session(false, 2)]).severity, Warning);
    let stale = judge_sessions(&[session(true, 1), session(false, 0)]);
    assert_eq!(stale.severity, Warning);
    let fix = stale.fix.unwrap();
    assert_eq!(fix.safe().unwrap().to_shell(), "dock-session close /run/user/1000/dockerutils/gpu-1");
}
