//! Docks of other kinds: with a newer docker, without a program, and what their users may.

use std::process::Output;

use dockerutils_testbed::{Dock, Version, dock};

use super::{succeeded, text};

#[test]
#[ignore = "needs root: dock"]
fn the_newer_docker_runs_on_a_dock_too_with_each_store() {
    for (version, driver) in [(Version::V26, "overlay2"), (Version::V26Containerd, "overlayfs")] {
        let newer = Dock::builder("newer", version).start().expect("a dock");
        newer.import_busybox("busybox:latest");
        let run = "docker info --format '{{.ClientInfo.Version}} {{.Driver}}' && docker run --rm busybox echo it ran";
        let said = succeeded(&newer.ssh("ubuntu").arg(run).output().expect("ssh"));
        assert!(said.starts_with(version.prefix()), "{version}: {said}");
        assert!(said.ends_with(&format!(" {driver}\nit ran")), "{version}: {said}");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_user_outside_the_group_does_not_reach_docker() {
    let dock = dock();
    for user in ["guest", "admin", "asker"] {
        let info = run(dock, user, "docker info");
        assert!(!info.status.success(), "{user}");
        assert!(said(&info).contains("permission denied"), "{user}: {info:?}");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn sudo_asks_some_of_them_for_a_password_and_refuses_others() {
    let dock = dock();
    let ask = |user| run(dock, user, "sudo -n docker info --format {{.Name}}");
    for user in ["ubuntu", "admin"] {
        assert_eq!(succeeded(&ask(user)), "dock", "{user}");
    }
    for user in ["asker", "guest"] {
        assert!(said(&ask(user)).contains("sudo: a password is required"), "{user}");
    }
    assert_eq!(succeeded(&run(dock, "admin", "sudo -n -l -U asker")).lines().last(), Some("    (ALL) ALL"));
}

#[test]
#[ignore = "needs root: dock"]
fn a_program_can_be_left_out() {
    let usual = dock();
    succeeded(&run(usual, "ubuntu", "command -v zstd docker"));
    for version in [Version::V20, Version::V26] {
        let bare = Dock::builder("bare", version).without("zstd").without("docker").start().expect("a dock");
        assert_eq!(said(&run(&bare, "ubuntu", "command -v zstd docker")), "", "{version}");
        assert!(said(&run(&bare, "admin", "sudo -n docker info")).contains("docker: command not found"));
    }
}

fn run(dock: &Dock, user: &str, command: &str) -> Output {
    dock.ssh(user).arg(command).output().expect("ssh")
}

/// Whatever it wrote.
fn said(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}
