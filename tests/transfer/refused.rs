//! Hosts that cannot be sent to: why, in one sentence, with what to do.

use dockerutils_testbed::{Dock, Version};
use dockerutils_testkit::Project;

use super::{Setting, dock, engine, fails_saying, said, small};

#[test]
#[ignore = "needs root: private engine and dock"]
fn who_may_not_use_docker_there() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(10), &["users:1"]);
    // Sudo asks both of them.
    for user in ["guest", "asker"] {
        setting.register("other", user);
        let outcome = setting.transfer(engine, &["users:1", "other"]).run();
        fails_saying(&outcome, "docker on other requires sudo, and sudo requires a password there: ");
        assert!(!setting.has("users:1"));
    }
    setting.register("other", "admin");
    let outcome = setting.transfer(engine, &["users:1", "other"]).run();
    let told = said(outcome.status(0)).join("\n");
    assert!(told.contains("docker on other requires sudo: using `sudo -n docker`"), "{told}");
    assert!(outcome.echoed().last().is_some_and(|line| line.ends_with("'sudo -n docker load'")), "{told}");
    assert!(setting.has("users:1"));
    setting.leaves_no_trace();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn who_may_not_use_docker_where_there_is_no_sudo() {
    let engine = engine();
    let dock = Dock::builder("strict", Version::V20).without("sudo").start().expect("a dock");
    let setting = Setting::of(&dock);
    engine.load(&small(14), &["strict:1"]);
    setting.register("other", "guest");
    let outcome = setting.transfer(engine, &["strict:1", "other"]).run();
    fails_saying(&outcome, "permission denied for docker on other: run `sudo usermod -aG docker USER` there");
    setting.leaves_no_trace();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn no_docker_there() {
    let engine = engine();
    let dock = Dock::builder("bare", Version::V20).without("docker").start().expect("a dock");
    let setting = Setting::of(&dock);
    engine.load(&small(11), &["bare:1"]);
    let outcome = setting.transfer(engine, &["bare:1", "gpu"]).run();
    fails_saying(&outcome, "docker is not installed on gpu: install it there");
    setting.leaves_no_trace();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn another_host_key() {
    let engine = engine();
    let dock = Dock::builder("changed", Version::V20).start().expect("a dock");
    let setting = Setting::of(&dock);
    engine.load(&small(12), &["key:1"]);
    dock.change_host_key();
    let outcome = setting.transfer(engine, &["key:1", "gpu"]).run();
    fails_saying(&outcome, "the host key of 127.0.0.1 has changed: ");
    assert!(!setting.has("key:1"));
    setting.leaves_no_trace();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn nobody_answers() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(13), &["nobody:1"]);
    let [a, b, c, _] = dock.address().octets();
    for host in ["nowhere.invalid", &format!("ubuntu@{a}.{b}.{c}.77"), "no-such-dock"] {
        let outcome = setting.transfer(engine, &["nobody:1", host]).run();
        outcome.status(1).stdout_is("");
        let told = said(&outcome);
        let place = host.trim_start_matches("ubuntu@");
        assert!(told.len() == 1 && told[0].contains(place), "{told:?}");
    }
    for host in ["-oProxyCommand=x", "a b", "ubuntu@", "ssh://"] {
        let outcome = setting.transfer(engine, &["nobody:1", "--to", host]).run();
        outcome
            .check(outcome.status != 0 && outcome.stdout.is_empty(), || "it is taken for a host".to_owned());
        outcome.stderr_lacks("ssh -");
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn no_such_image_here() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    let project = &setting.project;
    let _ = project.clone().dockerfile("unbuilt", "FROM scratch\n");
    let outcome = setting.transfer(engine, &["unbuilt", "gpu"]).run();
    fails_saying(&outcome, "build-image unbuilt");
    let outcome = setting.transfer(engine, &["no-such-image:1", "gpu"]).run();
    fails_saying(&outcome, "docker has no image no-such-image:1");
    setting.transfer(engine, &["gpu"]).run().status(2).stderr_has("specify an image and a host");
    assert_eq!(setting.way.connections(), 1, "what is missing here is told before anybody is asked");
}

#[test]
fn no_docker_here() {
    let outcome = Project::new().command("transfer-image").args(["dev", "gpu"]).no_docker().run();
    outcome.check(outcome.status != 0, || "it succeeds".to_owned());
    outcome.stderr_has("transfer-image: docker is not installed: ");
}
