//! Ctrl-C and SIGTERM during a push and during calls to AWS.

use std::thread;
use std::time::Duration;

use dockerutils_testbed::ecr::{ApiFault, Endpoint};
use dockerutils_testkit::{Project, Running, Signal};

use super::aws::publish;
use super::{DOCKER_WITH_IMAGE, OnEngine, SAMPLE, configured, engines_with_ecr};

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn during_a_push_docker_ends_and_no_digest_is_printed() {
    for engine in engines_with_ecr() {
        let on = OnEngine::new("stopped", engine, SAMPLE);
        // Large enough that the push is still running when Ctrl-C arrives.
        let noise = "head -c 80000000 /dev/urandom > mark";
        on.project.program("sh").args(["-c", noise]).run().status(0);
        on.build();
        let line = format!("'{}' prod >digest", env!("CARGO_BIN_EXE_publish-image"));
        let shell =
            on.at_home(on.project.program("bash").args(["-c", &format!("{line}; exit $?")])).uses(on.ecr);
        let terminal = shell.spawn_in_terminal();
        terminal.wait_for("Pushing");
        terminal.interrupt();
        terminal.wait().status(130);
        let digest = std::fs::read_to_string(on.project.root().join("digest")).expect("a file");
        assert_eq!(digest, "");
        assert!(on.ecr.digest(&format!("{}-prod", on.name), "1.0").is_none());
    }
}

/// One attempt takes eight seconds: waiting for its end would lead to a second one.
#[test]
fn a_signal_ends_the_wait_for_aws_at_once() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let endpoint = Endpoint::start(None, [("*", ApiFault::NoResponse)]);
        let project = configured(SAMPLE);
        let running = spawn(&project, &endpoint);
        endpoint.wait_for_actions(3);
        running.signal(signal);
        let outcome = running.wait();
        outcome
            .status(if signal == Signal::SIGINT { 130 } else { 143 })
            .stdout_is("")
            .stderr_lacks("attempt");
        assert_eq!(endpoint.actions().len(), 3);
    }
}

/// The SDK never stops reading what such a process prints.
#[test]
fn a_signal_ends_the_wait_for_an_endless_credential_process() {
    let config = "[default]\ncredential_process = sh -c \": > $HOME/started; exec yes\"\n";
    let project = configured(SAMPLE).file("../home/.aws/config", config);
    let command = publish(&project, "http://127.0.0.1:9");
    let running = command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").spawn();
    while !project.home().join("started").exists() {
        thread::sleep(Duration::from_millis(20));
    }
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
}

/// Six calls arrive without a retry only if neither region waits for the other.
#[test]
fn regions_are_queried_at_the_same_time() {
    let endpoint = Endpoint::start(None, [("*", ApiFault::NoResponse)]);
    let host = |region: &str| format!("123456789012.dkr.ecr.{region}.amazonaws.com/x");
    let keys = format!("publication_tag={} {}\n", host("us-east-1"), host("eu-west-1"));
    let project = configured(&keys);
    let running = spawn(&project, &endpoint);
    endpoint.wait_for_actions(6);
    running.signal(Signal::SIGINT);
    running.wait().status(130).stderr_lacks("attempt");
}

fn spawn(project: &Project, endpoint: &Endpoint) -> Running {
    let command = project.command("publish-image").arg("prod").docker_runs(DOCKER_WITH_IMAGE);
    command
        .env("AWS_ENDPOINT_URL", endpoint.url())
        .env("AWS_ACCESS_KEY_ID", "x")
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .env("AWS_REGION", "us-east-1")
        .spawn()
}
