//! What is echoed as an `aws` command is the same request as the call that was made.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dockerutils_testbed::ec2::{Ec2, User, ec2};
use dockerutils_testkit::Outcome;

use super::create_dock;

/// Returns the calls with an effect: actions and parameters.
fn effects(ec2: &Ec2) -> Vec<(String, BTreeMap<String, String>)> {
    let reads = ["Describe", "Get", "Decode"];
    let calls = ec2.calls().into_iter().map(|call| (call.action, call.parameters.into_iter().collect()));
    calls
        .filter(|(action, parameters): &(String, BTreeMap<_, _>)| {
            !reads.iter().any(|read| action.starts_with(read)) && !parameters.contains_key("DryRun")
        })
        .collect()
}

/// Pastes the echoes of a command into bash, and checks that the calls are those that the command has made.
#[track_caller]
fn is_echoed(ec2: &Ec2, user: &User, outcome: &Outcome, actions: &[&str]) {
    let made = effects(ec2);
    let names: Vec<&str> = made.iter().map(|(action, _)| action.as_str()).collect();
    outcome.status(0).check(names == actions, || format!("the calls are {names:?}, not {actions:?}"));
    ec2.forget_calls();
    // The calls are recorded, and have no effect.
    ec2.fault("*=DryRunOperation");
    let lines: Vec<String> = outcome.echoed().into_iter().filter(|line| line.starts_with("aws ")).collect();
    let pasted = user.shell(&lines.join("\n")).run();
    let pasted_calls = effects(ec2);
    ec2.clear_faults();
    ec2.forget_calls();
    pasted.check(pasted_calls == made, || format!("made {made:#?}\nechoed {pasted_calls:#?}"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn every_call_with_an_effect_is_echoed_as_the_aws_command_that_makes_the_same_request() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    // Too large for EC2 as it is, so that it is compressed.
    let script = user.home().join("setup.sh");
    fs::write(&script, format!("#!/bin/sh\n{}", "echo one of a thousand lines\n".repeat(1000)))
        .expect("a file");
    ec2.fault("RunInstances#2=hold-after");
    let creation = create_dock(&user, "box --spot --max-price 0.5 --protect --allow 0.0.0.0/0 10.0.0.0/8")
        .args(["--tag", "team=it's $5, or \"6\"", "--user-data"])
        .arg(&script)
        .spawn();
    ec2.wait_until_held();
    // The files that the echoes name are removed with the journal.
    let (journal, kept) = (user.home().join(".docker/dock-journal"), user.home().join("kept"));
    copy(&journal, &kept);
    ec2.clear_faults();
    let created = creation.wait();
    copy(&kept, &journal);
    let actions = [
        "ImportKeyPair",
        "CreateSecurityGroup",
        "AuthorizeSecurityGroupIngress",
        "RunInstances",
        "ModifyInstanceAttribute",
    ];
    is_echoed(&ec2, &user, &created, &actions);
    fs::remove_dir_all(&journal).expect("a folder");

    let stopped = user.command("stop-dock").args(["box", "-y"]).run();
    is_echoed(&ec2, &user, &stopped, &["StopInstances"]);
    let started = user.command("start-dock").arg("box").run();
    // The networks of --allow let everyone in.
    is_echoed(&ec2, &user, &started, &["StartInstances"]);
    let query = "--filters Name=tag-key,Values=dockerutils:attempt --query";
    let group = user.aws(&format!("describe-security-groups {query} SecurityGroups[0].GroupId"));
    let ranges = "SecurityGroups[0].IpPermissions[0].IpRanges[0].Description";
    let description = user.aws(&format!("describe-security-groups {query} {ranges}"));
    // Rules of --allow stay: that of an earlier address of this machine has the description without the first two words.
    let own = description.strip_prefix("allowed by ").expect("a rule of --allow");
    let permission = |cidr: &str, description: &str| {
        format!(
            r#"'[{{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{{"CidrIp":"{cidr}","Description":"{description}"}}]}}]'"#
        )
    };
    let change = |verb: &str, cidr: &str, description: &str| {
        let line = format!(
            "aws ec2 {verb}-security-group-ingress --group-id {group} --ip-permissions {}",
            permission(cidr, description)
        );
        user.shell(&line).run().status(0);
    };
    change("revoke", "0.0.0.0/0", &description);
    change("revoke", "10.0.0.0/8", &description);
    change("authorize", "192.0.2.9/32", own);
    ec2.forget_calls();
    let opened = user.command("start-dock").arg("box").run();
    is_echoed(&ec2, &user, &opened, &["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"]);

    // What belongs to the dock and outlives its machine.
    let id = user.instance("box");
    let attempt = user.describe(&id, "Tags[?Key=='dockerutils:attempt']|[0].Value");
    let tags = |kind: &str| {
        format!("--tag-specifications ResourceType={kind},Tags=[{{Key=dockerutils:attempt,Value={attempt}}}]")
    };
    user.aws(&format!("create-volume --size 1 --availability-zone us-east-1a {}", tags("volume")));
    user.aws(&format!("allocate-address --domain vpc {}", tags("elastic-ip")));
    ec2.forget_calls();
    let destroyed = user.command("destroy-dock").args(["box", "-y", "-f", "--keep-data"]).run();
    destroyed.stderr_has("for at most 5.00 $/month");
    let actions = [
        "CreateSnapshot",
        "ModifyInstanceAttribute",
        "CancelSpotInstanceRequests",
        "TerminateInstances",
        "DeleteVolume",
        "ReleaseAddress",
        "DeleteSecurityGroup",
        "DeleteKeyPair",
    ];
    is_echoed(&ec2, &user, &destroyed, &actions);
}
