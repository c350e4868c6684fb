//! What create-dock makes and prints, and the script of its dry run.

use dockerutils_testbed::ec2::{User, ec2};
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
fn the_script_of_a_dry_run_creates_a_dock_when_it_is_pasted() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let script = user.command("create-dock").args(["box", "--dry-run"]).run().status(0).stdout.clone();
    assert!(ec2.census().is_empty());
    user.shell(&format!("{script}\nsource dock box && docker version")).run().status(0);
    assert_eq!(ec2.census().instances.len(), 1);
}
