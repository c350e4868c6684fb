//! Hosts that cannot receive images: one sentence with the reason and the remedy.

use dockerutils_testbed::{Dock, Version};
use dockerutils_testkit::Project;

use super::{Fixture, dock, engine, fails_with, messages, small};

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_user_without_docker_permission_is_refused_unless_sudo_needs_no_password() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(10), &["users:1"]);
    // Sudo requires a password from both.
    for user in ["guest", "asker"] {
        fixture.register("other", user);
        let outcome = fixture.transfer(engine, &["users:1", "other"]).run();
        fails_with(&outcome, "docker on other requires sudo, and sudo requires a password there: ");
        assert!(!fixture.has("users:1"));
    }
    fixture.register("other", "admin");
    let outcome = fixture.transfer(engine, &["users:1", "other"]).run();
    let lines = messages(outcome.status(0)).join("\n");
    assert!(lines.contains("docker on other requires sudo: using `sudo -n docker`"), "{lines}");
    assert!(outcome.echoed().last().is_some_and(|line| line.ends_with("'sudo -n docker load'")), "{lines}");
    assert!(fixture.has("users:1"));
    fixture.leaves_nothing_behind();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_user_without_docker_permission_is_refused_if_there_is_no_sudo() {
    let engine = engine();
    let dock = Dock::builder("strict", Version::V20).without("sudo").start().expect("a dock");
    let fixture = Fixture::of(&dock);
    engine.load(&small(14), &["strict:1"]);
    fixture.register("other", "guest");
    let outcome = fixture.transfer(engine, &["strict:1", "other"]).run();
    fails_with(&outcome, "permission denied for docker on other: run `sudo usermod -aG docker USER` there");
    fixture.leaves_nothing_behind();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_host_without_docker_is_refused() {
    let engine = engine();
    let dock = Dock::builder("bare", Version::V20).without("docker").start().expect("a dock");
    let fixture = Fixture::of(&dock);
    engine.load(&small(11), &["bare:1"]);
    let outcome = fixture.transfer(engine, &["bare:1", "gpu"]).run();
    fails_with(&outcome, "docker is not installed on gpu: install it there");
    fixture.leaves_nothing_behind();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_changed_host_key_is_refused() {
    let engine = engine();
    let dock = Dock::builder("changed", Version::V20).start().expect("a dock");
    let fixture = Fixture::of(&dock);
    engine.load(&small(12), &["key:1"]);
    dock.change_host_key();
    let outcome = fixture.transfer(engine, &["key:1", "gpu"]).run();
    fails_with(&outcome, "the host key of 127.0.0.1 has changed: ");
    assert!(!fixture.has("key:1"));
    fixture.leaves_nothing_behind();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_host_that_cannot_be_reached_or_is_invalid_is_reported() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(13), &["unreachable:1"]);
    let [a, b, c, _] = dock.address().octets();
    for host in ["nowhere.invalid", &format!("ubuntu@{a}.{b}.{c}.77"), "no-such-dock"] {
        let outcome = fixture.transfer(engine, &["unreachable:1", host]).run();
        outcome.status(1).stdout_is("");
        // The note that is printed after three seconds does not count.
        let lines = messages(&outcome).into_iter().filter(|line| !line.starts_with("waiting for "));
        let lines: Vec<String> = lines.collect();
        let place = host.trim_start_matches("ubuntu@");
        assert!(lines.len() == 1 && lines[0].contains(place), "{lines:?}");
    }
    for host in ["-oProxyCommand=x", "a b", "ubuntu@", "ssh://"] {
        let outcome = fixture.transfer(engine, &["unreachable:1", "--to", host]).run();
        outcome.check(outcome.status != 0 && outcome.stdout.is_empty(), || "accepted as a host".to_owned());
        outcome.stderr_lacks("ssh -");
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn an_image_that_does_not_exist_is_reported_before_connecting() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    let project = &fixture.project;
    let _ = project.clone().dockerfile("unbuilt", "FROM scratch\n");
    let outcome = fixture.transfer(engine, &["unbuilt", "gpu"]).run();
    fails_with(&outcome, "build-image unbuilt");
    let outcome = fixture.transfer(engine, &["no-such-image:1", "gpu"]).run();
    fails_with(&outcome, "docker has no image no-such-image:1");
    fixture.transfer(engine, &["gpu"]).run().status(2).stderr_has("specify an image and a host");
    assert_eq!(fixture.proxy.connections(), 1, "only that of the fixture");
}

#[test]
fn a_local_docker_that_is_not_installed_is_reported() {
    let outcome = Project::new().command("transfer-image").args(["dev", "gpu"]).no_docker().run();
    outcome.check(outcome.status != 0, || "it succeeds".to_owned());
    outcome.stderr_has("transfer-image: docker is not installed: ");
}
