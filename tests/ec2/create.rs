//! create-dock on a stand-in for EC2 whose machines are real.

use dockerutils_testbed::ec2::{Call, User, ec2};
use serde_json::Value;

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn a_dock_is_created_and_docker_responds_there() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let outcome = user.command("create-dock").args(["box", "--json"]).run();
    outcome.status(0);
    outcome.stderr_has("create-dock: box is ready after ");
    outcome.stderr_has("host key as on its console");
    let json: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(json["instance_id"], user.instance("box"));
    assert_eq!(user.describe(&user.instance("box"), "MetadataOptions.HttpTokens"), "required");
    user.shell("source dock box && docker version").run().status(0);
    let journals = user.home().join(".docker/dock-journal");
    assert_eq!(std::fs::read_dir(journals).expect("a folder").count(), 0);
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn zones_without_room_get_one_call_each() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances@us-east-1a=InsufficientInstanceCapacity");
    ec2.fault("RunInstances@us-east-1b=InsufficientInstanceCapacity");
    let outcome = user.command("create-dock").arg("box").run();
    outcome.status(0);
    outcome.stderr_has("us-east-1a has no m7i.large now, trying m7i.large in us-east-1b (2 of ");
    let is_real = |call: &Call| call.action == "RunInstances" && !call.parameters.contains_key("DryRun");
    let tokens = ec2.calls().into_iter().filter(is_real);
    let tokens: Vec<String> = tokens.filter_map(|call| call.parameters.get("ClientToken").cloned()).collect();
    let distinct: std::collections::BTreeSet<&String> = tokens.iter().collect();
    assert_eq!((tokens.len(), distinct.len()), (3, 3));
    assert_eq!(ec2.census().instances.len(), 1);
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn nothing_is_left_if_no_zone_has_room() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances=InsufficientInstanceCapacity");
    let outcome = user.command("create-dock").args(["box", "--fallback", "m6i.large"]).run();
    outcome.status(1);
    outcome.stderr_has("EC2 has no room for m7i.large in us-east-1a");
    outcome.stderr_has("everything that was made is removed");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn a_lost_response_makes_no_second_machine() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    // The first is the dry run.
    ec2.fault("RunInstances#2-4=cut-after");
    user.command("create-dock").arg("box").run().status(0);
    assert_eq!(ec2.census().instances.len(), 1);
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn the_script_of_a_dry_run_creates_a_dock_when_it_is_pasted() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let script = user.command("create-dock").args(["box", "--dry-run"]).run().status(0).stdout.clone();
    assert!(ec2.census().is_empty());
    user.shell(&format!("{script}\nsource dock box && docker version")).run().status(0);
    assert_eq!(ec2.census().instances.len(), 1);
}
