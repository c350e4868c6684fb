//! Zones and types without capacity.

use dockerutils_testbed::ec2::{Census, Ec2, User, ec2};

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

/// Returns the zones of the launches, in order.
fn zones(ec2: &Ec2, user: &User) -> Vec<String> {
    let zone = |subnet: &String| {
        user.aws(&format!("describe-subnets --subnet-ids {subnet} --query Subnets[0].AvailabilityZone"))
    };
    launches(ec2).iter().map(|call| zone(&call.parameters["NetworkInterface.1.SubnetId"])).collect()
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn nothing_is_left_when_no_zone_has_capacity_and_all_of_them_are_named() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    for (kind, flags, note, remedy) in [
        ("InsufficientInstanceCapacity", &[][..], "has no", ""),
        ("Unsupported", &[], "does not offer", ""),
        ("InsufficientInstanceCapacity", &["--spot"], "has no", ", or leave out --spot"),
        ("MaxSpotInstanceCountExceeded", &["--spot"], "has no", ", or leave out --spot"),
        ("SpotMaxPriceTooLow", &["--spot"], "has no", ", or raise --max-price or leave out --spot"),
    ] {
        ec2.reset();
        ec2.fault(&format!("RunInstances={kind}"));
        let outcome = create_dock(&user, "box").args(flags).run();
        let zones = zones(&ec2, &user);
        assert!(zones.len() >= 2, "{zones:?}");
        let (all, count) = (zones.join(", "), zones.len());
        outcome.status(1).stderr_has(&format!(
            "create-dock: EC2 has no room for m7i.large in {all}: try again later, or add --fallback with other types{remedy}\n"
        ));
        outcome.stderr_has(&format!(
            "{} {note} m7i.large now, trying m7i.large in {} (2 of {count})\n",
            zones[0], zones[1]
        ));
        assert_eq!(ec2.census(), Census::default(), "{kind}");
    }
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn nothing_is_left_when_no_zone_has_any_of_the_types() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances=InsufficientInstanceCapacity");
    let outcome = create_dock(&user, "box --fallback t3.large --az us-east-1a").run();
    outcome
        .status(1)
        .stderr_has("EC2 has no room for m7i.large in us-east-1a, nor for t3.large in us-east-1a: ");
    assert_eq!(ec2.census(), Census::default());
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
