//! What create-dock makes and prints.

use dockerutils_testbed::ec2::{User, ec2};
use serde_json::Value;

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn a_dock_is_created_and_docker_responds_there() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let keys = "[work]\naws_access_key_id=testing\naws_secret_access_key=testing\n";
    std::fs::create_dir(user.home().join(".aws")).expect("a folder");
    std::fs::write(user.home().join(".aws/credentials"), keys).expect("a file");
    let creation = user.command("create-dock").args(["box", "--json"]).env("AWS_PROFILE", "work");
    let outcome = creation.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").run();
    outcome.status(0);
    let record = std::fs::read_to_string(user.record("box").join("connection_config.txt")).expect("a record");
    assert!(record.contains("DOCK_PROFILE=work\n"), "{record}");
    outcome.stderr_has("create-dock: box is ready after ");
    outcome.stderr_has("host key as on its console");
    let json: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(json["instance_id"], user.instance("box"));
    assert_eq!(user.describe(&user.instance("box"), "MetadataOptions.HttpTokens"), "required");
    user.shell("source dock box && docker version").run().status(0);
    let journals = user.home().join(".docker/dock-journal");
    assert_eq!(std::fs::read_dir(journals).expect("a folder").count(), 0);
}
