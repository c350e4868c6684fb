//! Spot instances do not come back after their dock was destroyed.

use dockerutils_testbed::ec2::matrix::{Cell, Disturbance};
use dockerutils_testbed::ec2::{User, ec2};

use super::create;

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_destroyed_spot_dock_does_not_come_back() {
    let ec2 = ec2();
    ec2.knob("relaunch", 0);
    let user = User::new(&ec2);
    create(&user, "box --spot");
    user.command("destroy-dock").args(["box", "-y"]).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert_eq!(super::launches(&ec2).len(), 1);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_spot_dock_does_not_come_back_when_the_response_to_the_end_is_lost() {
    let ec2 = ec2();
    ec2.knob("relaunch", 0);
    let user = User::new(&ec2);
    create(&user, "box --spot");
    let destroy = || user.command("destroy-dock").args(["box", "-y"]);
    Cell::run(&ec2, destroy(), "TerminateInstances#1", Disturbance::Fault("cut-after"));
    destroy().run();
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_spot_dock_that_ec2_has_stopped_cannot_be_started_and_can_be_destroyed() {
    let ec2 = ec2();
    ec2.knob("relaunch", 0);
    let user = User::new(&ec2);
    create(&user, "box --spot");
    let id = user.instance("box");
    ec2.interrupt(&id);
    user.wait_for_state(&id, "stopped");
    assert!(user.command("ls-dock").run().status(0).stdout.contains("stopped"));
    let started = user.command("start-dock").arg("box").run();
    started.status(1).stderr_has(
        "EC2 has stopped the spot instance box because it needs the capacity, and starts it again when it has room: run \
         `start-dock box` later",
    );
    user.command("destroy-dock").args(["box", "-y"]).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}
