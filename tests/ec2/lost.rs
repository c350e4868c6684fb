//! Calls whose response is lost and that are refused when they are repeated: what they have made is found.

use dockerutils_testbed::ec2::{User, ec2};

use super::{create, create_dock, journals};

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn what_a_lost_call_has_made_is_removed_when_its_repetition_is_refused() {
    let ec2 = ec2();
    // The first RunInstances is a dry run.
    for (call, lost, refused) in
        [("ImportKeyPair", 1, 2), ("CreateSecurityGroup", 1, 2), ("RunInstances", 2, 3)]
    {
        ec2.reset();
        let user = User::new(&ec2);
        ec2.fault(&format!("{call}#{lost}=cut-after"));
        ec2.fault(&format!("{call}#{refused}=UnauthorizedOperation"));
        let outcome = create_dock(&user, "box").run();
        let census = ec2.census();
        outcome.status(1).check(census.is_empty(), || format!("{call}: {census:?}"));
        outcome.stderr_has("everything that was made is removed");
        assert_eq!(journals(&user), [""; 0], "{call}");
    }
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_lost_launch_is_among_the_commands_that_remain_when_the_credentials_have_expired() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances#2=cut-after");
    ec2.fault("RunInstances#3=ExpiredToken");
    // The first look is that for the name of the dock.
    ec2.fault("DescribeInstances#2-=ExpiredToken");
    let outcome = create_dock(&user, "box").run();
    outcome.status(1).stderr_has("MAY STILL RUN AND COST MONEY: these commands remain");
    let remaining: Vec<&str> = outcome
        .stderr
        .lines()
        .skip_while(|line| !line.contains("remain"))
        .map(str::trim)
        .filter(|line| ["aws ", "sh -c ", "create-dock box "].iter().any(|start| line.starts_with(start)))
        .collect();
    assert_eq!(ec2.census().instances.len(), 1);
    ec2.clear_faults();
    user.shell(&remaining.join("\n")).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert_eq!(journals(&user), [""; 0]);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_lost_launch_is_not_made_again_in_the_next_zone() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances#2=cut-after");
    // A dry run does not count for this one.
    ec2.fault("RunInstances#2=InsufficientInstanceCapacity");
    create(&user, "box").stderr_has("box is ready");
    let started = user.aws("describe-instances --query Reservations[].Instances[].InstanceId");
    assert_eq!(started.split_whitespace().collect::<Vec<_>>(), [user.instance("box")]);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn no_other_zone_is_tried_as_long_as_a_lost_launch_is_not_found() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances#2=cut-before");
    ec2.fault("RunInstances#2=InsufficientInstanceCapacity");
    let outcome = create_dock(&user, "box").run();
    outcome.status(1).stderr_has("the response to a call was lost: `create-dock box --resume` looks again");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert_eq!(super::launches(&ec2).len(), 2);
    assert_ne!(journals(&user), [""; 0]);
    // After ten minutes a machine would be shown.
    for name in journals(&user).iter().filter(|name| name.ends_with(".jsonl")) {
        let journal = user.home().join(".docker/dock-journal").join(name);
        let text = std::fs::read_to_string(&journal).expect("a journal");
        std::fs::write(journal, text.replace("\"created\":\"20", "\"created\":\"19")).expect("a journal");
    }
    create_dock(&user, "box --resume").run().status(0).stderr_has("everything that was made is removed");
    assert_eq!(journals(&user), [""; 0]);
}
