//! gc-docks deletes what no dock needs, and only that.

use dockerutils_testbed::ec2::{Census, User, ec2};

use super::create;

/// A resource with the tags of create-dock.
struct Tagged<'a> {
    owner: &'a str,
    attempt: &'a str,
    created: &'a str,
}

const OLD: &str = "2026-01-01T00:00:00Z";

/// What a creation has left that ended long ago.
const ORPHAN: Tagged = Tagged { owner: "tester", attempt: "aaaaaaaaaa", created: OLD };

impl Tagged<'_> {
    fn flag(&self, resource: &str) -> String {
        format!("--tag-specifications {}", self.tags(resource))
    }

    /// Returns the tags as a word of `--tag-specifications`.
    fn tags(&self, resource: &str) -> String {
        let Tagged { owner, attempt, created } = self;
        let tag = |name: &str, value: &str| format!("{{Key=dockerutils:{name},Value={value}}}");
        let tags =
            [tag("dock", "old"), tag("owner", owner), tag("attempt", attempt), tag("created", created)];
        format!("ResourceType={resource},Tags=[{}]", tags.join(","))
    }

    fn group(&self, user: &User, name: &str) -> String {
        let tags = self.flag("security-group");
        user.aws(&format!("create-security-group --group-name {name} --description x {tags} --query GroupId"))
    }

    /// Launches an instance; the flags begin with further tags, if there are any.
    fn instance(&self, user: &User, flags: &str) -> String {
        let tags = self.flag("instance");
        let image = "--image-id ami-0a0b0c0d0e0f02404 --instance-type t3.micro";
        user.aws(&format!("run-instances {image} {tags} {flags} --query Instances[0].InstanceId"))
    }
}

fn sorted(mut census: Census) -> Census {
    for list in
        [&mut census.instances, &mut census.volumes, &mut census.security_groups, &mut census.key_pairs]
    {
        list.sort();
    }
    census
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn gc_docks_deletes_orphans_and_leaves_what_is_foreign_young_recorded_or_protected() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    create(&user, "box");
    ec2.knob("machines", 0);
    let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    Tagged { owner: "bob", ..ORPHAN }.group(&user, "foreign");
    Tagged { attempt: "bbbbbbbbbb", created: &now, ..ORPHAN }.group(&user, "young");
    let protected = Tagged { attempt: "cccccccccc", ..ORPHAN };
    let group = protected.group(&user, "protected");
    let instance = protected.instance(&user, &format!("--security-group-ids {group}"));
    user.aws(&format!("modify-instance-attribute --instance-id {instance} --disable-api-termination"));
    user.aws("create-security-group --group-name the-users --description x");
    // A copy of a disk is never deleted.
    let volume = user.aws("describe-volumes --query Volumes[0].VolumeId");
    user.aws(&format!("create-snapshot --volume-id {volume} {}", ORPHAN.flag("snapshot")));
    let before = sorted(ec2.census());

    let group = ORPHAN.group(&user, "orphan");
    let spot = "--instance-market-options MarketType=spot,SpotOptions={SpotInstanceType=persistent}";
    let request = ORPHAN.tags("spot-instances-request");
    ORPHAN.instance(&user, &format!("{request} {spot} --security-group-ids {group}"));
    let key = format!("fileb://{}.pub", user.key().display());
    let tags = ORPHAN.flag("key-pair");
    user.aws(&format!("import-key-pair --key-name orphan --public-key-material {key} {tags}"));
    user.aws(&format!("create-volume --size 1 --availability-zone us-east-1a {}", ORPHAN.flag("volume")));
    user.aws(&format!("allocate-address --domain vpc {}", ORPHAN.flag("elastic-ip")));
    let with_orphans = sorted(ec2.census());
    user.command("gc-docks").run().status(1);
    let dry = user.command("gc-docks").args(["--yes", "--dry-run"]).run();
    let commands = dry.status(1).echoed();
    let verbs: Vec<&str> = commands.iter().filter_map(|line| line.split(' ').nth(2)).collect();
    let of_orphans = [
        "cancel-spot-instance-requests",
        "terminate-instances",
        "delete-volume",
        "release-address",
        "delete-security-group",
        "delete-key-pair",
    ];
    dry.check(verbs == of_orphans, || format!("{commands:#?}"));
    assert_eq!(sorted(ec2.census()), with_orphans);

    ec2.knob("relaunch", 0);
    user.command("gc-docks").arg("--yes").run().status(1);
    let after = sorted(ec2.census());
    assert_eq!(after, before);
    assert_eq!((after.snapshots.len(), after.spot_requests.len()), (1, 0));
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn all_regions_are_searched_on_demand() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let tags = ORPHAN.flag("security-group");
    user.aws(&format!("create-security-group --region eu-west-1 --group-name orphan --description x {tags}"));
    user.aws(&format!(
        "create-volume --region ap-south-1 --size 10 --availability-zone ap-south-1a {}",
        ORPHAN.flag("volume")
    ));
    user.command("gc-docks").run().status(0).stderr_has("nothing is left of docks");
    // The regions of all sections of dock.cfg are searched.
    std::fs::create_dir(user.home().join(".docker")).expect("a folder");
    let cfg = user.home().join(".docker/dock.cfg");
    std::fs::write(&cfg, "region=us-east-1\n[eu]\nregion=eu-west-1\n").expect("a file");
    let found = user.command("gc-docks").run();
    found.status(1).check(found.stdout.contains("eu-west-1"), || "eu-west-1 is not searched".to_owned());
    std::fs::remove_file(cfg).expect("a file");
    // A stopped instance costs as much as its disk.
    ec2.knob("machines", 0);
    let image = "--image-id ami-0a0b0c0d0e0f02404 --instance-type t3.micro";
    let disk = "--block-device-mappings DeviceName=/dev/sda1,Ebs={VolumeSize=20,DeleteOnTermination=true}";
    let tags =
        format!("{} {}", ORPHAN.flag("instance"), ORPHAN.flag("volume").replace("--tag-specifications ", ""));
    let launch = format!("run-instances {image} {disk} {tags} --query Instances[0].InstanceId");
    let id = user.aws(&launch);
    user.wait_for_state(&id, "running");
    user.aws(&format!("stop-instances --instance-ids {id}"));
    user.wait_for_state(&id, "stopped");
    let found = user.command("gc-docks").args(["--all-regions", "--json"]).run();
    let json: serde_json::Value = serde_json::from_str(&found.status(1).stdout).expect("JSON");
    let mut found: Vec<String> = json
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| {
            format!("{} in {} for {} $", it["what"], it["region"], it["dollars_per_month"]).replace('"', "")
        })
        .collect();
    found.sort();
    let expected = [
        "instance in us-east-1 for 1.6 $",
        "security group in eu-west-1 for 0.0 $",
        "volume in ap-south-1 for 0.8 $",
    ];
    assert_eq!(found, expected);
    user.command("gc-docks").args(["--all-regions", "--yes"]).run().status(0);
    assert_eq!(ec2.census(), Census::default());
}
