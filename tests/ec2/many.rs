//! ls-dock with many docks on EC2.

use std::collections::BTreeSet;
use std::fs;

use dockerutils_testbed::ec2::{ACCOUNT, User, ec2};
use dockerutils_testbed::{Dock, Version};
use serde_json::Value;

/// Regions, and how many docks there are in each.
const REGIONS: [(&str, u8); 3] = [("us-east-1", 17), ("eu-west-1", 17), ("ap-south-1", 16)];

/// Docks of which no sshd responds.
const DEAD: usize = 10;

/// Writes the record of a dock.
fn register(user: &User, machine: &Dock, number: usize, region: &str, instance: &str) {
    let [a, b, c, _] = machine.address().octets();
    let address = format!("{a}.{b}.{c}.{}", 100 + number);
    machine.exec(&["ip", "address", "add", &format!("{address}/24"), "dev", "eth0"]);
    if number < DEAD {
        let refuse = ["-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"];
        machine.exec(&[&["iptables", "-A", "INPUT", "-d", &address][..], &refuse].concat());
    }
    let folder = user.home().join(".docker").join(&address);
    fs::create_dir_all(&folder).expect("a folder");
    let key = machine.key().display().to_string();
    let lines = [
        ("MONIKER", format!("box-{number:02}")),
        ("IDENTITY", key),
        ("INSTANCE_ID", instance.to_owned()),
        ("REGION", region.to_owned()),
        ("ACCOUNT", ACCOUNT.to_owned()),
    ];
    let text: String = lines.iter().map(|(name, value)| format!("DOCK_{name}={value}\n")).collect();
    fs::write(folder.join("connection_config.txt"), text).expect("a record");
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn fifty_docks_in_three_regions_are_listed_with_three_calls_and_without_those_that_ec2_holds_back() {
    let ec2 = ec2();
    ec2.knob("machines", 0);
    let user = User::new(&ec2);
    let machine = Dock::builder("many", Version::V20).sshd_option("MaxStartups 200").start().expect("a dock");
    let mut number = 0;
    for (region, count) in REGIONS {
        let launch =
            "--image-id ami-0a0b0c0d0e0f02404 --instance-type t3.micro --query Instances[].InstanceId";
        for id in
            user.aws(&format!("run-instances --region {region} --count {count} {launch}")).split_whitespace()
        {
            register(&user, &machine, number, region, id);
            number += 1;
        }
    }
    assert_eq!(ec2.census().instances.len(), 50);

    ec2.forget_calls();
    let listed = user.command("ls-dock").args(["--json", "--timeout", "60"]).run();
    let docks: Vec<Value> = serde_json::from_str(&listed.status(0).stdout).expect("JSON");
    assert_eq!(ec2.actions(), ["DescribeInstances"; 3]);
    assert_eq!(docks.len(), 50);
    for dock in &docks {
        listed.check(dock["instance_state"] == "running" && dock["type"] == "t3.micro", || dock.to_string());
        let zone = dock["az"].as_str().unwrap_or_default();
        listed.check(zone.starts_with(dock["region"].as_str().unwrap_or("?")), || dock.to_string());
    }
    let up = docks.iter().filter(|dock| dock["state"] == "up" && dock["docker"] != Value::Null).count();
    listed.check(up == 50 - DEAD, || format!("{up} are up"));

    // The calls are held for two minutes: the time limit of ls-dock is over before. The SDK may repeat them meanwhile.
    ec2.forget_calls();
    ec2.fault("DescribeInstances=hold-before:120");
    let listed = user.command("ls-dock").args(["--json", "--timeout", "20"]).run();
    assert!(ec2.is_holding(), "ls-dock has waited for EC2: {:?}", ec2.actions());
    let regions: BTreeSet<String> = ec2.calls().into_iter().map(|call| call.region).collect();
    assert_eq!(regions, REGIONS.map(|(region, _)| region.to_owned()).into());
    ec2.clear_faults();
    listed.status(0).stderr_has(" did not respond ");
    let docks: Vec<Value> = serde_json::from_str(&listed.stdout).expect("JSON");
    listed.check(docks.len() == 50, || format!("{} docks", docks.len()));
    listed.check(docks.iter().all(|dock| dock["instance_state"] == Value::Null), || "a state".to_owned());
}
