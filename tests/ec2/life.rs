//! The life of docks after their creation: stopping, starting, destroying and listing.

use std::fs;
use std::net::Ipv4Addr;

use dockerutils_testbed::ec2::{Ec2, User, ec2};
use dockerutils_testkit::Project;
use serde_json::Value;

fn user_with_dock<'a>(ec2: &'a Ec2, flags: &[&str]) -> User<'a> {
    let user = User::new(ec2);
    user.command("create-dock").arg("box").args(flags).run().status(0);
    ec2.forget_calls();
    user
}

fn lists(user: &User) -> Value {
    let outcome = user.command("ls-dock").arg("--json").run();
    serde_json::from_str(&outcome.status(0).stdout).expect("JSON")
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_stopped_dock_is_started_at_another_address_without_a_question_about_its_host_key() {
    let ec2 = ec2();
    let user = user_with_dock(&ec2, &[]);
    let (first, keys) = (user.record("box"), fs::read(user.record("box").join("known_hosts")).expect("keys"));
    user.command("stop-dock").args(["-y", "box"]).run().status(0).stderr_has("stop-dock: box is stopped");
    assert_eq!(lists(&user)[0]["instance_state"], "stopped");
    let problem = lists(&user)[0]["problem"].to_string();
    assert!(problem.contains("its instance is stopped: `start-dock box` starts it"), "{problem}");
    let started = user.command("start-dock").arg("box").run();
    started.status(0).stderr_has("start-dock: box is ready at ").stderr_lacks("host key");
    assert_ne!(user.record("box"), first);
    assert_eq!(fs::read(user.record("box").join("known_hosts")).expect("keys"), keys);
    assert_eq!(lists(&user)[0]["state"], "up");
    assert!(!user.home().join(".ssh/known_hosts").exists());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_new_dock_at_the_address_that_a_stopped_one_had_takes_neither_its_record_nor_its_key() {
    let ec2 = ec2();
    let user = user_with_dock(&ec2, &[]);
    user.command("stop-dock").args(["-y", "box"]).run().status(0);
    // As if EC2 gave the address of the stopped dock to the next one.
    let [a, b, c, d] = user
        .record("box")
        .file_name()
        .and_then(|name| name.to_str()?.parse().ok())
        .map(|address: Ipv4Addr| address.octets())
        .expect("an address");
    let next = user.home().join(".docker").join(Ipv4Addr::new(a, b, c, d + 1).to_string());
    fs::rename(user.record("box"), &next).expect("a folder");
    user.command("create-dock").arg("other").run().status(0);
    assert_eq!(user.record("other"), next);
    assert!(user.record("box").join("instance.json").exists());
    user.command("start-dock").arg("box").run().status(0).stderr_lacks("host key");
    for dock in lists(&user).as_array().expect("a list") {
        assert_eq!(dock["state"], "up", "{dock}");
    }
    // Both have the same key pair, which is kept as long as one of them exists.
    user.command("destroy-dock").args(["-y", "box"]).run().status(0);
    assert_eq!(ec2.census().key_pairs.len(), 1);
    user.command("destroy-dock").args(["-y", "other"]).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_record_that_is_made_during_the_creation_under_the_same_name_is_kept() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances#2=hold-after");
    let creation = user.command("create-dock").arg("box").spawn();
    ec2.wait_until_held();
    user.command("register-dock").args(["192.0.2.1", "box", "--no-check"]).run().status(0);
    ec2.release();
    creation.wait().status(1).stderr_has("`box` is the dock at 192.0.2.1: choose another moniker");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert_eq!(user.record("box"), user.home().join(".docker/192.0.2.1"));
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn groups_of_the_users_are_neither_changed_nor_deleted() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let query = "--query GroupId";
    let group = user.aws(&format!("create-security-group --group-name mine --description x {query}"));
    let source = format!("{}/32", ec2.client_address());
    user.aws(&format!(
        "authorize-security-group-ingress --group-id {group} --protocol tcp --port 22 --cidr {source}"
    ));
    let rules = || user.aws(&format!("describe-security-groups --group-ids {group} --output json"));
    let before = rules();
    // Our own address is needed for groups of create-dock only.
    let run = |command: &str, words: &[&str]| {
        let command = user.command(command).args(words).env("DOCKERUTILS_CHECK_IP", "http://127.0.0.1:9/");
        command.run().status(0);
    };
    run("create-dock", &["box", "--security-group", &group]);
    run("start-dock", &["box"]);
    run("destroy-dock", &["-y", "box"]);
    assert_eq!(rules(), before);
    assert_eq!(ec2.census().security_groups, [group]);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_destroyed_dock_leaves_nothing() {
    let ec2 = ec2();
    let user = user_with_dock(&ec2, &["--spot"]);
    user.command("destroy-dock").args(["-y", "box"]).run().status(0).stderr_has("is destroyed");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert_eq!(lists(&user), serde_json::json!([]));
    let config = fs::read_to_string(user.home().join(".ssh/config")).unwrap_or_default();
    assert!(!config.contains("Include"), "{config}");
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_protected_dock_is_destroyed_only_by_force() {
    let ec2 = ec2();
    let user = user_with_dock(&ec2, &["--protect"]);
    let refused = user.command("destroy-dock").args(["-y", "box"]).run();
    refused.status(1).stderr_has("box is protected against termination: `destroy-dock -f box`");
    assert_eq!(ec2.count("TerminateInstances") + ec2.count("CancelSpotInstanceRequests"), 0);
    user.command("destroy-dock").args(["-y", "-f", "box"]).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn the_credentials_of_another_account_change_nothing() {
    let ec2 = ec2();
    let user = user_with_dock(&ec2, &[]);
    let record = user.record("box").join("connection_config.txt");
    let text = fs::read_to_string(&record).expect("a record");
    fs::write(&record, text.replace("123456789012", "210987654321")).expect("a record");
    for words in [&["stop-dock", "-y", "box"][..], &["start-dock", "box"], &["destroy-dock", "-y", "box"]] {
        let outcome = user.command(words[0]).args(&words[1..]).run();
        outcome
            .status(1)
            .stderr_has("box is in account 210987654321, and your credentials are for 123456789012");
    }
    assert!(ec2.actions().iter().all(|action| action == "GetCallerIdentity"), "{:?}", ec2.actions());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn start_dock_moves_our_own_rule_and_no_other() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    // Not every character of a login name can be in a tag.
    let run = |command: &str, words: &[&str]| {
        user.command(command).args(words).env("LOGNAME", "ada@corp").run().status(0);
    };
    run("create-dock", &["box"]);
    let query = "--filters Name=tag-key,Values=dockerutils:attempt --query SecurityGroups[0].GroupId";
    let group = user.aws(&format!("describe-security-groups {query}"));
    let own = format!("{}/32", ec2.client_address());
    let ranges = "SecurityGroups[0].IpPermissions[0].IpRanges[].[CidrIp,Description]";
    let rules = || user.aws(&format!("describe-security-groups --group-ids {group} --query {ranges}"));
    let created = rules();
    let (source, description) = created.split_once('\t').expect("a description");
    // Ours is the only rule.
    assert_eq!((source, created.lines().count()), (own.as_str(), 1), "{created}");
    let description = description.to_owned();
    user.aws(&format!(
        "revoke-security-group-ingress --group-id {group} --protocol tcp --port 22 --cidr {own}"
    ));
    let rule = |cidr: &str, description: &str| {
        let ranges = format!(r#"[{{"CidrIp":"{cidr}","Description":"{description}"}}]"#);
        let permission = format!(r#"[{{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":{ranges}}}]"#);
        let words = "ec2 authorize-security-group-ingress --ip-permissions";
        user.shell(&format!("aws {words} '{permission}' --group-id {group}")).run().status(0);
    };
    rule("192.0.2.9/32", &description);
    rule("198.51.100.0/24", "bob");
    // A network of --allow.
    rule("10.0.0.0/16", &description);
    run("start-dock", &["box"]);
    let rules = rules();
    assert!(rules.contains(&own) && rules.contains("bob") && !rules.contains("192.0.2.9"), "{rules}");
    assert!(rules.contains("10.0.0.0/16"), "{rules}");
    run("destroy-dock", &["-y", "box"]);
    run("gc-docks", &[]);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn an_ec2_that_does_not_respond_costs_its_columns_only() {
    let ec2 = ec2();
    let user = user_with_dock(&ec2, &[]);
    ec2.fault("DescribeInstances=slow:30");
    let outcome = user.command("ls-dock").args(["--json", "--timeout", "3"]).run();
    outcome.status(0).stderr_has("EC2 in us-east-1 did not respond");
    let docks: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!((&docks[0]["state"], &docks[0]["instance_state"]), (&"up".into(), &Value::Null));

    ec2.clear_faults();
    let id = user.instance("box");
    user.aws(&format!("terminate-instances --instance-ids {id}"));
    user.wait_for_state(&id, "terminated");
    let gone = user.command("ls-dock").args(["--json", "--timeout", "3"]).run();
    gone.status(0)
        .stderr_has("the instance of box does not exist any more: `destroy-dock box` removes what is left");
    let docks: Value = serde_json::from_str(&gone.stdout).expect("JSON");
    let problem = docks[0]["problem"].to_string();
    assert!(problem.contains("`destroy-dock box` removes what is left of it"), "{problem}");
    user.command("destroy-dock").args(["-y", "box"]).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
fn a_dock_that_is_not_on_ec2_cannot_be_stopped() {
    let project = Project::new();
    project.command("register-dock").args(["192.0.2.1", "lab", "--no-check"]).run().status(0);
    for words in [&["stop-dock", "-y", "lab"][..], &["start-dock", "lab"], &["destroy-dock", "-y", "lab"]] {
        let outcome = project.command(words[0]).args(&words[1..]).run();
        outcome.status(1).stderr_has(&format!("{}: `lab` is not an instance of EC2", words[0]));
    }
}

#[test]
fn without_a_terminal_y_is_required() {
    let project = Project::new();
    let folder = project.home().join(".docker/192.0.2.1");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("connection_config.txt"), "DOCK_MONIKER=box\nDOCK_INSTANCE_ID=i-0ab\n")
        .expect("a record");
    for command in ["stop-dock", "destroy-dock"] {
        let outcome = project.command(command).arg("box").run();
        outcome.status(2).stderr_has("without a terminal to ask on, -y is required");
    }
}
