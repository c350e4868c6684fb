//! Docks of other kinds: with a newer docker, without a program, and what their users may.

use std::process::Output;

use dockerutils_testkit::{Dock, Version, dock};

use super::{succeeded, text};

#[test]
fn the_newer_docker_runs_on_a_dock_too_with_each_store() {
    for (version, driver) in [(Version::V26, "overlay2"), (Version::V26Containerd, "overlayfs")] {
        let Some(newer) = Dock::builder("newer", version).start_or_skip() else { return };
        newer.import_busybox("busybox:latest");
        let run = "docker info --format '{{.ClientInfo.Version}} {{.Driver}}' && docker run --rm busybox echo it ran";
        let said = succeeded(&newer.ssh("ubuntu").arg(run).output().expect("ssh"));
        assert!(said.starts_with(version.prefix()), "{version}: {said}");
        assert!(said.ends_with(&format!(" {driver}\nit ran")), "{version}: {said}");
    }
}

#[test]
fn a_user_outside_the_group_does_not_reach_docker() {
    let Some(dock) = dock() else { return };
    for user in ["guest", "admin", "asker"] {
        let info = run(dock, user, "docker info");
        assert!(!info.status.success(), "{user}");
        assert!(said(&info).contains("permission denied"), "{user}: {info:?}");
    }
}

#[test]
fn sudo_asks_some_of_them_for_a_password_and_refuses_others() {
    let Some(dock) = dock() else { return };
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
fn a_program_can_be_left_out() {
    let Some(usual) = dock() else { return };
    succeeded(&run(usual, "ubuntu", "command -v zstd docker"));
    for version in [Version::V20, Version::V26] {
        let Some(bare) = Dock::builder("bare", version).without("zstd").without("docker").start_or_skip()
        else {
            return;
        };
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
