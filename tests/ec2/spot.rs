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
