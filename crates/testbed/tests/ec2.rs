//! The stand-in for EC2: its instances are machines that live as instances of EC2 do. Only Amazon's own `aws` and plain ssh
//! are used here.
#![expect(clippy::disallowed_types, reason = "tests start programs without an echo")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use dockerutils_testbed::ec2::{Census, Ec2, ec2};
use dockerutils_testkit::{Service, poll_until};

const UBUNTU: &str = "ami-0a0b0c0d0e0f02404";

/// A user of the stand-in, with a folder for keys and files.
struct User<'a> {
    ec2: &'a Ec2,
    folder: tempfile::TempDir,
}

impl<'a> User<'a> {
    fn new(ec2: &'a Ec2) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("key");
        let made =
            Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
        assert!(made.expect("ssh-keygen").success());
        User { ec2, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn try_aws(&self, words: &str) -> Output {
        let mut aws = Command::new(self.ec2.aws_cli());
        aws.arg("ec2").args(words.split_whitespace()).args(["--output", "text"]);
        aws.envs(self.ec2.environment()).stdin(Stdio::null()).output().expect("aws")
    }

    #[track_caller]
    fn aws(&self, words: &str) -> String {
        let output = self.try_aws(words);
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    #[track_caller]
    fn refused(&self, words: &str) -> String {
        let output = self.try_aws(words);
        assert!(!output.status.success(), "{words} succeeded");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Imports the key, creates a group that admits this machine, and returns the flags that an instance needs.
    fn prepare(&self) -> String {
        self.aws(&format!(
            "import-key-pair --key-name ada --public-key-material fileb://{}",
            self.file("key.pub").display()
        ));
        let group = self.aws("create-security-group --group-name ssh --description ssh --query GroupId");
        self.aws(&format!("authorize-security-group-ingress {}", self.ssh_rule(&group)));
        format!("--image-id {UBUNTU} --instance-type m7i.large --key-name ada --security-group-ids {group}")
    }

    fn ssh_rule(&self, group: &str) -> String {
        let address = self.ec2.client_address();
        format!("--group-id {group} --protocol tcp --port 22 --cidr {address}/32 --query Return")
    }

    fn run(&self, flags: &str) -> String {
        self.aws(&format!("run-instances {flags} --query Instances[0].InstanceId"))
    }

    fn describe(&self, instance: &str, field: &str) -> String {
        self.aws(&format!(
            "describe-instances --instance-ids {instance} --query Reservations[0].Instances[0].{field}"
        ))
    }

    fn wait_for(&self, instance: &str, state: &str) {
        let reached = poll_until(|| (self.describe(instance, "State.Name") == state).then_some(()));
        assert!(reached.is_some(), "{instance} is not {state}");
    }

    /// Runs a command on an instance, whose host key must be the one in `known_hosts`.
    fn ssh(&self, instance: &str, command: &str) -> Option<String> {
        let address = self.describe(instance, "PublicIpAddress");
        let output = Command::new("ssh")
            .args([
                "-F",
                "none",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=2",
                "-o",
                "StrictHostKeyChecking=yes",
            ])
            .args(["-o", &format!("HostKeyAlias={instance}")])
            .args(["-o", &format!("UserKnownHostsFile={}", self.file("known_hosts").display()), "-i"])
            .arg(self.file("key"))
            .args([&format!("ubuntu@{address}"), command])
            .stdin(Stdio::null())
            .output()
            .expect("ssh");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn wait_for_ssh(&self, instance: &str, command: &str) -> String {
        poll_until(|| self.ssh(instance, command)).unwrap_or_else(|| panic!("no ssh:\n{}", self.ec2.log()))
    }

    /// Writes the host key that the console shows into `known_hosts`.
    fn trust_console(&self, instance: &str) {
        let key = poll_until(|| {
            let console =
                self.aws(&format!("get-console-output --instance-id {instance} --latest --query Output"));
            console.lines().find(|line| line.starts_with("ssh-ed25519 ")).map(str::to_owned)
        });
        let line = format!("{instance} {}\n", key.expect("a host key"));
        fs::write(self.file("known_hosts"), line).expect("a file");
    }
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
    write_user_data(&user.file("user-data"));
    let flags = user.prepare();
    let id = user.run(&format!("{flags} --user-data file://{}", user.file("user-data").display()));
    user.trust_console(&id);
    let version =
        user.wait_for_ssh(&id, "cloud-init status --wait >&2 && docker version --format {{.Server.Version}}");
    assert!(version.starts_with("20.10."), "{version}");
    let first = user.describe(&id, "PublicIpAddress");

    user.aws(&format!("stop-instances --instance-ids {id}"));
    user.wait_for(&id, "stopped");
    assert_eq!(user.describe(&id, "PublicIpAddress"), "None");
    assert_eq!(ec2.machines(), [""; 0]);

    user.aws(&format!("start-instances --instance-ids {id}"));
    user.wait_for(&id, "running");
    assert_ne!(user.describe(&id, "PublicIpAddress"), first);
    // The user-data ran once, and what it installed is still there.
    assert_eq!(user.wait_for_ssh(&id, "cat /var/lib/runs; hello; docker info >/dev/null"), "hello\nhello");

    user.aws(&format!("terminate-instances --instance-ids {id}"));
    user.wait_for(&id, "terminated");
    user.aws("delete-security-group --group-name ssh");
    user.aws("delete-key-pair --key-name ada");
    assert_eq!(ec2.census(), Census::default());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_security_group_decides_who_reaches_ssh_and_is_in_use_until_its_instance_is_terminated() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let id = user.run(&user.prepare());
    user.trust_console(&id);
    user.wait_for_ssh(&id, "true");
    let group = user.describe(&id, "SecurityGroups[0].GroupId");
    user.aws(&format!("revoke-security-group-ingress {}", user.ssh_rule(&group)));
    assert_eq!(user.ssh(&id, "true"), None);
    user.aws(&format!("authorize-security-group-ingress {}", user.ssh_rule(&group)));
    user.wait_for_ssh(&id, "true");
    let refused = user.refused(&format!("delete-security-group --group-id {group}"));
    assert!(refused.contains("DependencyViolation"), "{refused}");
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn one_client_token_makes_one_instance() {
    let ec2 = ec2();
    ec2.knob("machines", 0);
    let user = User::new(&ec2);
    let flags = format!("{} --client-token once", user.prepare());
    assert_eq!(user.run(&flags), user.run(&flags));
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
    let id = user.run(&user.prepare());
    user.trust_console(&id);
    user.wait_for_ssh(&id, "cloud-init status --wait");
    ec2.on(&id, |dock| dock.exec(&["shutdown", "-h", "now"]));
    user.wait_for(&id, "stopped");
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
    let id = user.run(&format!("{} {spot}", user.prepare()));
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
#[ignore = "needs root: dock and AWS stand-in"]
fn nothing_is_left_when_it_ends() {
    let ec2 = Ec2::start().expect("a stand-in");
    let user = User::new(&ec2);
    let id = user.run(&user.prepare());
    user.trust_console(&id);
    user.wait_for_ssh(&id, "true");
    let pid = ec2.on(&id, |dock| fs::read_to_string(dock.root().join("run/machine.pid")).expect("a pid"));
    let (folder, machine) = (ec2.folder().to_owned(), Path::new("/proc").join(pid.trim()));
    assert!(folder.exists() && machine.exists());
    drop(user);
    drop(ec2);
    assert!(!folder.exists() && !machine.exists());
}
