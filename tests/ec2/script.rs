//! The script of a dry run, pasted into a shell: it makes the dock that create-dock would make.

use std::fs;

use dockerutils_testbed::ec2::{ACCOUNT, Ec2, User, ec2};

use super::{create_dock, moved_key};

/// Pastes the script of this creation of `box` into bash, and then uses the dock.
fn pasted<'a>(ec2: &'a Ec2, flags: &[&str]) -> User<'a> {
    ec2.reset();
    let user = User::new(ec2);
    let key = moved_key(&user);
    let words = flags.iter().map(|flag| flag.replace("HOME", &user.home().display().to_string()));
    let words: Vec<String> = words.collect();
    // EC2 takes 16 KiB, so that this is compressed.
    let setup = format!("#!/bin/sh\n{}", "echo one of a thousand lines\n".repeat(1000));
    fs::write(user.home().join("setup.sh"), setup).expect("a file");
    let dry = create_dock(&user, "box --dry-run --key").arg(format!("{}.pub", key.display())).args(words);
    let script = dry.run().status(0).stdout.clone();
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    user.shell(&format!("{script}\nsource dock box && docker version")).run().status(0);
    user
}

/// Uses a dock with the commands for docks on EC2, and destroys it.
fn is_a_dock_on_ec2(ec2: &Ec2, user: &User) {
    let record = fs::read_to_string(user.record("box").join("connection_config.txt")).expect("a record");
    for line in ["DOCK_REGION=us-east-1", &format!("DOCK_ACCOUNT={ACCOUNT}")] {
        assert!(record.lines().any(|found| found == line), "no {line} in {record}");
    }
    let listed = user.command("ls-dock").run();
    listed.status(0).check(listed.stdout.contains("m7i.large"), || "no type is shown".to_owned());
    let gc = user.command("gc-docks").args(["--yes", "--older-than", "0"]).run();
    gc.status(0).stderr_has("nothing is left of docks");
    assert_eq!(ec2.machines(), [user.instance("box")]);
    user.command("stop-dock").args(["box", "-y"]).run().status(0);
    user.command("start-dock").arg("box").run().status(0).stderr_has("box is ready");
    user.command("destroy-dock").args(["box", "-y", "-f"]).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn the_script_of_a_dry_run_creates_a_dock_that_the_commands_for_ec2_know() {
    let ec2 = ec2();
    let user = pasted(&ec2, &[]);
    is_a_dock_on_ec2(&ec2, &user);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn the_script_of_a_protected_spot_instance_with_compressed_user_data_creates_it() {
    let ec2 = ec2();
    let flags = ["--spot", "--max-price", "0.5", "--protect", "--user-data", "HOME/setup.sh"];
    let user = pasted(&ec2, &flags);
    let id = user.instance("box");
    assert_eq!(user.describe(&id, "InstanceLifecycle"), "spot");
    ec2.on(&id, |dock| dock.exec(&["grep", "-q", "one of a thousand", "/var/log/cloud-init-output.log"]));
    user.refused(&format!("terminate-instances --instance-ids {id}"));
    is_a_dock_on_ec2(&ec2, &user);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn the_script_of_a_dock_without_a_public_address_registers_its_private_one() {
    let ec2 = ec2();
    let user = pasted(&ec2, &["--private"]);
    let id = user.instance("box");
    assert_eq!(user.describe(&id, "PublicIpAddress"), "None");
    let address = user.describe(&id, "PrivateIpAddress");
    assert_eq!(user.record("box"), user.home().join(".docker").join(address));
    user.command("destroy-dock").args(["box", "-y"]).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}
