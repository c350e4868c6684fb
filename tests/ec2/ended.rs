//! Machines that end while their dock is created, or that nothing is known of.

use dockerutils_testbed::ec2::{User, ec2};

use super::{create_dock, journals};

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_machine_that_ends_at_once_is_named_with_the_reason_and_nothing_is_left() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    for (code, remedy) in [
        (
            "Client.VolumeLimitExceeded",
            "delete volumes that you do not need, or request a larger quota for storage of EBS volumes",
        ),
        (
            "Client.InvalidKMSKey.InvalidState",
            "check the state and the policy of the key that EBS encrypts with in this region",
        ),
    ] {
        ec2.knob("boot_failure", code);
        let outcome = create_dock(&user, "box").run();
        outcome.status(1).stderr_has(&format!(" ended at once: {code}, "));
        outcome.stderr_has(&format!(": {remedy}\n"));
        assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    }

    // It is stopped before create-dock sees it run.
    ec2.reset();
    ec2.fault("RunInstances#2=hold-after");
    let creation = create_dock(&user, "box").spawn();
    ec2.wait_until_held();
    let census = ec2.census();
    let id = census.instances[0].split(' ').next().unwrap_or_default();
    user.aws(&format!("stop-instances --instance-ids {id}"));
    ec2.release();
    creation.wait().status(1).stderr_has(&format!("{id} ended at once: "));
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert_eq!(journals(&user), [""; 0]);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_machine_that_ec2_does_not_show_for_a_minute_is_removed() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.knob("lag", 1000);
    let outcome = create_dock(&user, "box").run();
    outcome.status(1).stderr_has("EC2 does not show i-").stderr_has(" a minute after its start");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert_eq!(journals(&user), [""; 0]);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_machine_that_gets_no_address_is_removed() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.knob("addresses", 0);
    let outcome = create_dock(&user, "box").run();
    outcome.status(1).stderr_has(" has no address that can be used: check the subnet, or use --private\n");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert_eq!(journals(&user), [""; 0]);
}
