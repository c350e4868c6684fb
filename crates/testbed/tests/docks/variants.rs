//! Docks with a newer docker, docks without a program, and the rights of their users.

use std::process::Output;

use dockerutils_testbed::{Dock, Version, dock};

use super::{succeeded, text};

#[test]
#[ignore = "needs root: dock"]
fn docker_26_runs_on_a_dock_with_each_store() {
    for (version, driver) in [(Version::V26, "overlay2"), (Version::V26Containerd, "overlayfs")] {
        let newer = Dock::builder("newer", version).start().expect("a dock");
        newer.import_busybox("busybox:latest");
        let run = "docker info --format '{{.ClientInfo.Version}} {{.Driver}}' && docker run --rm busybox echo it ran";
        let output = succeeded(&newer.ssh("ubuntu").arg(run).output().expect("ssh"));
        assert!(output.starts_with(version.prefix()), "{version}: {output}");
        assert!(output.ends_with(&format!(" {driver}\nit ran")), "{version}: {output}");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_user_outside_the_group_docker_is_denied() {
    let dock = dock();
    for user in ["guest", "admin", "asker"] {
        let info = run(dock, user, "docker info");
        assert!(!info.status.success(), "{user}");
        assert!(streams(&info).contains("permission denied"), "{user}: {info:?}");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn sudo_works_without_a_password_for_ubuntu_and_admin_only() {
    let dock = dock();
    let sudo = |user| run(dock, user, "sudo -n docker info --format {{.Name}}");
    for user in ["ubuntu", "admin"] {
        assert_eq!(succeeded(&sudo(user)), "dock", "{user}");
    }
    for user in ["asker", "guest"] {
        assert!(streams(&sudo(user)).contains("sudo: a password is required"), "{user}");
    }
    assert_eq!(succeeded(&run(dock, "admin", "sudo -n -l -U asker")).lines().last(), Some("    (ALL) ALL"));
}

#[test]
#[ignore = "needs root: dock"]
fn programs_can_be_hidden() {
    let usual = dock();
    succeeded(&run(usual, "ubuntu", "command -v zstd docker"));
    for version in [Version::V20, Version::V26] {
        let bare = Dock::builder("bare", version).without("zstd").without("docker").start().expect("a dock");
        assert_eq!(streams(&run(&bare, "ubuntu", "command -v zstd docker")), "", "{version}");
        assert!(streams(&run(&bare, "admin", "sudo -n docker info")).contains("docker: command not found"));
    }
}

fn run(dock: &Dock, user: &str, command: &str) -> Output {
    dock.ssh(user).arg(command).output().expect("ssh")
}

/// Returns both streams.
fn streams(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}
