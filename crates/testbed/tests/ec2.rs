//! The stand-in for EC2: its instances are machines that live as instances of EC2 do. Only Amazon's own `aws` and plain ssh
//! are used here.

use std::fs;
use std::path::Path;

use dockerutils_testbed::ec2::{Census, Ec2, User, ec2};
use dockerutils_testkit::poll_until;

const UBUNTU: &str = "ami-0a0b0c0d0e0f02404";

/// Imports the user's key, creates a group that admits this machine, and returns the flags that an instance needs.
fn prepare(user: &User) -> String {
    let key = user.key().with_extension("pub");
    user.aws(&format!("import-key-pair --key-name ada --public-key-material fileb://{}", key.display()));
    let group = user.aws("create-security-group --group-name ssh --description ssh --query GroupId");
    user.aws(&format!("authorize-security-group-ingress {}", ssh_rule(user, &group)));
    format!("--image-id {UBUNTU} --instance-type m7i.large --key-name ada --security-group-ids {group}")
}

fn ssh_rule(user: &User, group: &str) -> String {
    let address = user.ec2.client_address();
    format!("--group-id {group} --protocol tcp --port 22 --cidr {address}/32 --query Return")
}

fn run(user: &User, flags: &str) -> String {
    user.aws(&format!("run-instances {flags} --query Instances[0].InstanceId"))
}

/// Runs a command on an instance, whose host key must be known by [`trust_console`].
fn ssh(user: &User, instance: &str, command: &str) -> Option<String> {
    let address = user.describe(instance, "PublicIpAddress");
    let options = ["BatchMode=yes", "ConnectTimeout=2", "StrictHostKeyChecking=yes"];
    let outcome = user
        .shell("exec ssh \"$@\"")
        .arg("ssh")
        .args(options.iter().flat_map(|option| ["-o", option]))
        .args(["-o", &format!("HostKeyAlias={instance}"), &format!("ubuntu@{address}"), command])
        .run();
    (outcome.status == 0).then(|| outcome.stdout.trim().to_owned())
}

fn wait_for_ssh(user: &User, instance: &str, command: &str) -> String {
    poll_until(|| ssh(user, instance, command)).unwrap_or_else(|| panic!("no ssh:\n{}", user.ec2.log()))
}

/// Writes the host key that the console shows into the user's known_hosts.
fn trust_console(user: &User, instance: &str) {
    let key = poll_until(|| {
        let console =
            user.aws(&format!("get-console-output --instance-id {instance} --latest --query Output"));
        console.lines().find(|line| line.starts_with("ssh-ed25519 ")).map(str::to_owned)
    });
    let line = format!("{instance} {}\n", key.expect("a host key"));
    fs::write(user.home().join(".ssh/known_hosts"), line).expect("a file");
}

fn write_user_data(file: &Path) {
    let text = "#cloud-config\nwrite_files:\n- {path: /usr/local/bin/hello, permissions: '0755', content: \"#!/bin/sh\\necho hello\\n\"}\nruncmd:\n- [sh, -c, 'hello >>/var/lib/runs']\n";
    fs::write(file, text).expect("a file");
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn an_instance_runs_docker_and_keeps_its_disk_and_host_key_across_a_stop() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    write_user_data(&user.home().join("user-data"));
    let flags = prepare(&user);
    let id = run(&user, &format!("{flags} --user-data file://{}", user.home().join("user-data").display()));
    trust_console(&user, &id);
    let version = wait_for_ssh(
        &user,
        &id,
        "cloud-init status --wait >&2 && docker version --format {{.Server.Version}}",
    );
    assert!(version.starts_with("20.10."), "{version}");
    let first = user.describe(&id, "PublicIpAddress");

    user.aws(&format!("stop-instances --instance-ids {id}"));
    user.wait_for_state(&id, "stopped");
    assert_eq!(user.describe(&id, "PublicIpAddress"), "None");
    assert_eq!(ec2.machines(), [""; 0]);

    user.aws(&format!("start-instances --instance-ids {id}"));
    user.wait_for_state(&id, "running");
    assert_ne!(user.describe(&id, "PublicIpAddress"), first);
    // The user-data ran once, and what it installed is still there.
    assert_eq!(wait_for_ssh(&user, &id, "cat /var/lib/runs; hello; docker info >/dev/null"), "hello\nhello");

    user.aws(&format!("terminate-instances --instance-ids {id}"));
    user.wait_for_state(&id, "terminated");
    user.aws("delete-security-group --group-name ssh");
    user.aws("delete-key-pair --key-name ada");
    assert_eq!(ec2.census(), Census::default());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_security_group_decides_who_reaches_ssh_and_is_in_use_until_its_instance_is_terminated() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let id = run(&user, &prepare(&user));
    trust_console(&user, &id);
    wait_for_ssh(&user, &id, "true");
    let group = user.describe(&id, "SecurityGroups[0].GroupId");
    user.aws(&format!("revoke-security-group-ingress {}", ssh_rule(&user, &group)));
    assert_eq!(ssh(&user, &id, "true"), None);
    user.aws(&format!("authorize-security-group-ingress {}", ssh_rule(&user, &group)));
    wait_for_ssh(&user, &id, "true");
    let refused = user.refused(&format!("delete-security-group --group-id {group}"));
    assert!(refused.contains("DependencyViolation"), "{refused}");
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn one_client_token_makes_one_instance() {
    let ec2 = ec2();
    ec2.knob("machines", 0);
    let user = User::new(&ec2);
    let flags = format!("{} --client-token once", prepare(&user));
    assert_eq!(run(&user, &flags), run(&user, &flags));
    let other = user.refused(&format!("run-instances {flags} --placement AvailabilityZone=us-east-1b"));
    assert!(other.contains("IdempotentParameterMismatch"), "{other}");
    assert_eq!(ec2.census().instances.len(), 1);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_call_fails_as_the_rule_demands_and_is_counted() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("DescribeVpcs#1=UnauthorizedOperation");
    let refused = user.refused("describe-vpcs");
    assert!(refused.contains("UnauthorizedOperation"), "{refused}");
    user.aws("describe-vpcs");
    assert_eq!(ec2.count("DescribeVpcs"), 2);
    assert_eq!(ec2.calls()[0].error.as_deref(), Some("UnauthorizedOperation"));
    assert_eq!(ec2.calls()[0].status, Some(403));
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_held_call_takes_effect_before_or_after_the_release() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let create = "create-security-group --group-name g --description g";
    for (kind, groups) in [("hold-before", 0), ("hold-after", 1)] {
        ec2.reset();
        ec2.fault(&format!("CreateSecurityGroup={kind}"));
        std::thread::scope(|scope| {
            let call = scope.spawn(|| user.aws(create));
            ec2.wait_until_held();
            assert_eq!(ec2.census().security_groups.len(), groups);
            ec2.release();
            call.join().expect("a call");
        });
        assert_eq!(ec2.census().security_groups.len(), 1);
    }
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_machine_that_shuts_down_stops_its_instance() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let id = run(&user, &prepare(&user));
    trust_console(&user, &id);
    wait_for_ssh(&user, &id, "cloud-init status --wait");
    ec2.on(&id, |dock| dock.exec(&["shutdown", "-h", "now"]));
    user.wait_for_state(&id, "stopped");
    assert_eq!(user.describe(&id, "StateReason.Code"), "Client.InstanceInitiatedShutdown");
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_persistent_spot_request_launches_again_unless_it_is_cancelled() {
    let ec2 = ec2();
    ec2.knob("machines", 0);
    ec2.knob("relaunch", 0.1);
    let user = User::new(&ec2);
    let spot = "--instance-market-options MarketType=spot,SpotOptions={SpotInstanceType=persistent}";
    let id = run(&user, &format!("{} {spot}", prepare(&user)));
    let request = user.describe(&id, "SpotInstanceRequestId");
    assert_eq!(ec2.census().spot_requests, [request.as_str()]);
    user.aws(&format!("terminate-instances --instance-ids {id}"));
    let again = poll_until(|| {
        let census = ec2.census();
        census.instances.iter().any(|line| !line.starts_with(&id)).then_some(census)
    });
    let again = again.expect("another instance").instances[0].clone();
    user.aws(&format!("cancel-spot-instance-requests --spot-instance-request-ids {request}"));
    let again = again.split(' ').next().expect("an ID");
    user.aws(&format!("terminate-instances --instance-ids {again}"));
    assert_eq!(ec2.census().spot_requests, [""; 0]);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_user_with_a_policy_may_do_what_it_allows_and_nothing_else() {
    let ec2 = ec2();
    let mut user = User::new(&ec2);
    let allow = |actions: &str| {
        format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":{actions},\"Resource\":\"*\"}}]}}"
        )
    };
    user.limit_to(&allow("[\"ec2:DescribeVpcs\"]"));
    user.aws("describe-vpcs");
    for words in ["describe-subnets", "describe-spot-instance-requests"] {
        let refused = user.refused(words);
        assert!(refused.contains("UnauthorizedOperation") || refused.contains("AccessDenied"), "{refused}");
    }
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn nothing_is_left_when_it_ends() {
    let ec2 = Ec2::start().expect("a stand-in");
    let user = User::new(&ec2);
    let id = run(&user, &prepare(&user));
    trust_console(&user, &id);
    wait_for_ssh(&user, &id, "true");
    let pid = ec2.on(&id, |dock| fs::read_to_string(dock.root().join("run/machine.pid")).expect("a pid"));
    let (folder, machine) = (ec2.folder().to_owned(), Path::new("/proc").join(pid.trim()));
    assert!(folder.exists() && machine.exists());
    drop(user);
    drop(ec2);
    assert!(!folder.exists() && !machine.exists());
}
