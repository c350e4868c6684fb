//! Instances that create-dock has not made, and that were registered by hand.

use std::fs;

use dockerutils_testbed::ec2::{ACCOUNT, Ec2, User, ec2};

/// Launches an instance with these flags of `aws`, and registers it as the dock `box`.
fn registered<'a>(ec2: &'a Ec2, flags: &str) -> User<'a> {
    ec2.knob("machines", 0);
    let user = User::new(ec2);
    let image = "--image-id ami-0a0b0c0d0e0f02404 --instance-type t3.micro";
    let id = user.aws(&format!("run-instances {image} {flags} --query Instances[0].InstanceId"));
    user.wait_for_state(&id, "running");
    let folder = user.home().join(".docker/192.0.2.1");
    fs::create_dir_all(&folder).expect("a folder");
    let record =
        format!("DOCK_MONIKER=box\nDOCK_INSTANCE_ID={id}\nDOCK_REGION=us-east-1\nDOCK_ACCOUNT={ACCOUNT}\n");
    fs::write(folder.join("connection_config.txt"), record).expect("a record");
    user
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn an_instance_of_someone_else_is_destroyed_on_demand_only() {
    let ec2 = ec2();
    let user = registered(&ec2, "");
    let destroy = || user.command("destroy-dock").args(["box", "-y"]);
    destroy()
        .run()
        .status(1)
        .stderr_has("was not made by create-dock for you, but in another way: --not-mine");
    assert_eq!(ec2.census().instances.len(), 1);
    destroy().arg("--not-mine").run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_one_time_spot_instance_is_not_stopped() {
    let ec2 = ec2();
    let user =
        registered(&ec2, "--instance-market-options MarketType=spot,SpotOptions={SpotInstanceType=one-time}");
    let stopped = user.command("stop-dock").args(["box", "-y"]).run();
    stopped
        .status(1)
        .stderr_has("box is a one-time spot instance, which EC2 cannot stop: `destroy-dock box` ends it");
    assert_eq!(ec2.count("StopInstances"), 0);
}
