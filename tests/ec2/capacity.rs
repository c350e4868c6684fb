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
    create(&user, "box --fallback t3.large");
    assert_eq!(user.describe(&user.instance("box"), "InstanceType"), "t3.large");
}
