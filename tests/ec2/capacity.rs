//! Zones and types without capacity.

use dockerutils_testbed::ec2::{Census, User, ec2};

use super::{create, create_dock, launches};

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn the_third_zone_is_tried_when_two_have_no_capacity_and_each_is_asked_once() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances#1-2=InsufficientInstanceCapacity");
    create(&user, "box");
    let tokens: Vec<String> =
        launches(&ec2).iter().map(|call| call.parameters["ClientToken"].clone()).collect();
    assert_eq!(tokens.len(), 3);
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2], "{tokens:?}");
    assert_eq!(ec2.census().instances.len(), 1);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn nothing_is_left_when_no_zone_has_capacity() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    for kind in ["InsufficientInstanceCapacity", "Unsupported"] {
        ec2.reset();
        ec2.fault(&format!("RunInstances={kind}"));
        let outcome = create_dock(&user, "box").run();
        outcome.check(outcome.status != 0, || "it succeeded".to_owned()).stderr_has("m7i.large");
        let zones: Vec<String> =
            launches(&ec2).iter().map(|call| call.parameters["ClientToken"].clone()).collect();
        assert!(zones.len() >= 2, "{zones:?}");
        assert_eq!(ec2.census(), Census::default(), "{kind}");
    }
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn another_type_is_taken_when_no_zone_has_the_first() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances@m7i.large=InsufficientInstanceCapacity");
    // EC2 has seen the token before: the creation begins again with another one.
    ec2.fault("RunInstances@t3.large#1=IdempotentParameterMismatch");
    create(&user, "box --fallback t3.large");
    assert_eq!(user.describe(&user.instance("box"), "InstanceType"), "t3.large");
    let census = ec2.census();
    assert_eq!((census.instances.len(), census.security_groups.len()), (1, 1), "{census:?}");
    // The price is that of the type that was started.
    let known = std::fs::read_to_string(user.record("box").join("instance.json")).expect("a file");
    assert!(known.contains("\"per_hour\": 0.0832"), "{known}");
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn start_dock_tries_again_while_the_zone_has_no_room() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    create(&user, "box");
    user.command("stop-dock").args(["box", "-y"]).run().status(0);
    ec2.forget_calls();
    ec2.fault("StartInstances#1-4=InsufficientInstanceCapacity");
    let at_once = user.command("start-dock").arg("box").run();
    at_once.status(1).stderr_has("has no m7i.large now: `start-dock box --wait 30m` tries again each minute");
    assert_eq!(ec2.count("StartInstances"), 1);
    let waiting = user.command("start-dock").args(["box", "--wait", "30m"]);
    let waiting = waiting.env("DOCKERUTILS_START_INTERVAL", "1").run();
    waiting
        .status(0)
        .stderr_has("has no m7i.large now, trying again for 30 min")
        .stderr_has("box is ready at ");
    assert_eq!(ec2.count("StartInstances"), 5);
}
