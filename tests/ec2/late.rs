//! What is late on EC2 is waited for.

use dockerutils_testbed::ec2::{User, ec2};

use super::{create, launches};

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
