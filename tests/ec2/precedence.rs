//! A flag comes before the environment, that before dock.cfg, and that before the default.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use dockerutils_testkit::{Invocation, Project};

const FILE_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGCq8FUgDb9DQSg9J6s0N4nDTyNSVyMPMVQTtxKDe9Zk";
const AGENT_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHCq8FUgDb9DQSg9J6s0N4nDTyNSVyMPMVQTtxKDe9Zk";

/// A project of a user with a key and this `dock.cfg`.
fn project(cfg: &str) -> Project {
    let project = Project::new();
    let write = |path: &str, text: &str| {
        let file = project.home().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    };
    write(".ssh/id_ed25519.pub", FILE_KEY);
    write(".docker/dock.cfg", cfg);
    project
}

/// Returns create-dock that prints its script without a network.
fn planned(project: &Project, words: &str) -> Invocation {
    let command = project.command("create-dock").args(["box", "--dry-run", "--offline"]);
    command.args(words.split_whitespace()).env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_PROFILE")
}

/// Checks that the script has one text and lacks another.
#[track_caller]
fn prints(command: Invocation, text: &str, other: &str) {
    let outcome = command.run();
    let script = &outcome.status(0).stdout;
    outcome
        .check(script.contains(text) && !script.contains(other), || format!("{text}, not {other}: {script}"));
}

#[test]
fn the_profile_of_the_environment_comes_before_that_of_the_file() {
    let project = project("profile=home\nregion=us-east-1\n");
    prints(planned(&project, ""), "--profile home", "--profile work");
    prints(planned(&project, "").env("AWS_PROFILE", "work"), "--profile work", "--profile home");
    prints(planned(&project, "").env("AWS_ACCESS_KEY_ID", "AKIA"), "--region us-east-1", "--profile");
    let flag =
        planned(&project, "--profile flag").env("AWS_PROFILE", "work").env("AWS_ACCESS_KEY_ID", "AKIA");
    prints(flag, "--profile flag", "--profile work");
}

#[test]
fn a_flag_comes_before_what_the_file_sets_for_the_same_in_another_way() {
    let project = project("key_name=office\nsubnet_id=subnet-1\nsecurity_group_ids=sg-1\nmax_price=0.5\n");
    prints(planned(&project, ""), "--key-name office", "import-key-pair");
    let key = format!("--key {}", project.home().join(".ssh/id_ed25519.pub").display());
    prints(planned(&project, &key), "import-key-pair --region REGION --key-name dockerutils-", "office");
    prints(planned(&project, "--vpc vpc-2"), "SubnetId=SUBNET", "subnet-1");
    prints(planned(&project, "--allow 10.0.0.0/8"), "10.0.0.0/8", "sg-1");
    // The price of the file is for docks that are spot instances.
    prints(planned(&project, ""), "Groups=sg-1", "MaxPrice");
    prints(planned(&project, "--spot"), "MaxPrice=0.5", "import-key-pair");
    planned(&project, "--max-price 0.5")
        .run()
        .status(1)
        .stderr_has("--max-price is the price of a spot instance");
    planned(&project, "--spot --max-price 0")
        .run()
        .status(2)
        .stderr_has("write an amount of dollars greater than 0");
}

#[test]
fn the_key_of_the_agent_comes_before_that_of_the_usual_file() {
    let project = project("");
    prints(planned(&project, ""), FILE_KEY, AGENT_KEY);
    let bin = project.home().join("bin");
    fs::create_dir(&bin).expect("a folder");
    let agent = bin.join("ssh-add");
    fs::write(&agent, format!("#!/bin/sh\necho 'ssh-rsa AAAAB3NzaC1yc2EAAAA x'\necho '{AGENT_KEY} ada'\n"))
        .expect("a script");
    fs::set_permissions(agent, fs::Permissions::from_mode(0o755)).expect("a script");
    let with_agent = planned(&project, "").path_first(&bin).env("SSH_AUTH_SOCK", "/nowhere");
    prints(with_agent, AGENT_KEY, FILE_KEY);
}
