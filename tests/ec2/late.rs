//! What is late on EC2 is waited for.

use dockerutils_testbed::ec2::matrix::{Cell, Disturbance};
use dockerutils_testbed::ec2::{User, ec2};
use dockerutils_testkit::{Project, Signal};

use super::{create, create_dock, launches};

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_dock_whose_parts_are_all_late_is_ready_without_an_error() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    for (knob, value) in
        [("lag", "5"), ("boot", "2"), ("console_latest", "4"), ("ssh_late", "3"), ("docker_late", "1")]
    {
        ec2.knob(knob, value);
    }
    create(&user, "box").stderr_lacks("error").stderr_lacks("NotFound").stderr_has("box is ready");
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_launch_whose_response_is_lost_three_times_makes_one_machine() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    // The first is the dry run.
    ec2.fault("RunInstances#2-4=cut-after");
    create(&user, "box");
    let tokens: Vec<String> =
        launches(&ec2).iter().map(|call| call.parameters["ClientToken"].clone()).collect();
    assert_eq!(tokens.len(), 4);
    assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    assert_eq!(ec2.census().instances.len(), 1);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_console_that_stays_empty_is_waited_for_a_minute_or_as_long_as_it_takes_on_demand() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let killed = Disturbance::SignalBefore(Signal::SIGKILL);
    Cell::run(&ec2, create_dock(&user, "box"), "GetConsoleOutput#1", killed);
    ec2.knob("console_latest", 80);
    // At the same time, because both take more than a minute.
    let patient = create_dock(&user, "box --resume --require-console-key").spawn();
    let usual = create_dock(&user, "other").spawn();
    usual.wait().status(0).stderr_has("the console has no host key, so the first one was accepted");
    patient.wait().status(0).stderr_has("host key as on its console");
}

/// An ssh whose first call that waits for cloud-init and whose first one that asks for the timer lose their connection.
const LOSES_CONNECTIONS: &str = r#"#!/bin/sh
for lost in cloud-init is-active; do
    case "$*" in *"$lost"*)
        if mkdir "$0.$lost" 2>/dev/null; then
            echo "Connection closed by remote host" >&2
            exit 255
        fi ;;
    esac
done
PATH=${PATH#*:}
exec ssh "$@"
"#;

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_connection_that_is_lost_while_docker_is_installed_is_opened_again() {
    let ec2 = ec2();
    let project = Project::new().executable("bin/ssh", LOSES_CONNECTIONS);
    let bin = project.root().join("bin");
    let user = User::with_project(&ec2, project);
    create_dock(&user, "box").path_first(&bin).run().status(0).stderr_has("box is ready");
    for lost in ["cloud-init", "is-active"] {
        assert!(bin.join(format!("ssh.{lost}")).is_dir(), "{lost} was not run");
    }
}
