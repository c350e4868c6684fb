//! What is wrong with a creation is one sentence with a remedy, and nothing is made.

use std::fs;

use dockerutils_testbed::ec2::{Ec2, User, ec2};
use dockerutils_testkit::Project;

use super::{journals, launches};

/// Checks that create-dock fails with this message, and makes nothing.
#[track_caller]
pub(super) fn refused(ec2: &Ec2, user: &User, args: &[&str], message: &str) {
    let outcome = user.command("create-dock").arg("box").args(args).run();
    outcome.check(outcome.status == 1, || format!("status {}", outcome.status));
    outcome.stderr_has(message);
    assert!(ec2.census().is_empty(), "{args:?} left {:?}", ec2.census());
    assert!(!user.home().join(".docker/dock-journal").exists(), "{args:?} left a journal");
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn what_aws_does_not_have_is_named_with_a_remedy() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    for (args, message) in [
        (
            &["-t", "m7i.largee"][..],
            "there is no instance type `m7i.largee` in us-east-1, did you mean m7i.large",
        ),
        (&["-g", "-t", "m7i.large"], "m7i.large has no GPU: leave out -g"),
        (&["--image", "ami-0123456789abcdef0"], "there is no image ami-0123456789abcdef0 in us-east-1"),
        (&["--image", "ami-0a0b0c0d0e0f02405"], "is not for m7i.large, which needs x86_64"),
        (&["--image", "resolve:ssm:/aws/x"], "write the ID that `aws ssm get-parameter --name /aws/x "),
        (
            &["--security-group", "sg-0123456789abcdef0"],
            "The security group 'sg-0123456789abcdef0' does not exist",
        ),
        (&["--fallback", "m7g.large"], "m7i.large is a machine of x86_64 and m7g.large is not"),
        (&["--subnet", "subnet-0123456789abcdef0"], "there is no subnet subnet-0123456789abcdef0"),
        (&["--az", "us-east-1z"], "has no subnet in us-east-1z"),
        (&["-t", "mac2.metal"], "there is no image for arm64_mac here, which mac2.metal needs"),
    ] {
        refused(&ec2, &user, args, message);
    }
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn missing_permissions_are_found_before_anything_is_made() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances=UnauthorizedOperation");
    refused(&ec2, &user, &[], "AWS denies ec2:RunInstances on a m7i.large in subnet-");
    refused(&ec2, &user, &[], "`create-dock --print-iam-policy` prints all that are needed");
    // The action that is missing may be another one than that of the call.
    ec2.knob("denied", "iam:PassRole");
    refused(
        &ec2,
        &user,
        &[],
        "AWS denies iam:PassRole, which is needed for ec2:RunInstances on a m7i.large in subnet-",
    );
    ec2.fault("DecodeAuthorizationMessage=AccessDenied");
    refused(&ec2, &user, &[], "AWS denies ec2:RunInstances on a m7i.large in subnet-");
    ec2.clear_faults();
    ec2.fault("RunInstances=OptInRequired");
    let message = "AWS does not let you use the image ami-0d1a0000000002404";
    refused(&ec2, &user, &["-g", "--image", "ami-0d1a0000000002404"], message);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_name_that_a_dock_of_the_account_has_is_refused() {
    let ec2 = ec2();
    ec2.knob("machines", 0);
    let user = User::new(&ec2);
    let tags = "ResourceType=instance,Tags=[{Key=dockerutils:dock,Value=box},{Key=dockerutils:attempt,Value=aaaaaaaaaa}]";
    let image = "--image-id ami-0a0b0c0d0e0f02404 --instance-type t3.micro";
    let launch = format!("run-instances {image} --tag-specifications {tags} --query Instances[0].InstanceId");
    let id = user.aws(&launch);
    let before = ec2.census();
    let outcome = user.command("create-dock").arg("box").run();
    outcome
        .status(1)
        .stderr_has(&format!("`box` exists already: {id} in us-east-1 (running); choose another name"));
    assert_eq!(ec2.census(), before);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_price_that_is_not_known_is_no_obstacle() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let planned =
        |flags: &[&str]| user.command("create-dock").args(["box", "--dry-run"]).args(flags.to_vec()).run();
    planned(&[]).status(0).stderr_has(
        "m7i.large: 2 vCPU, 8 GiB; 0.1008 $/h while it runs, 8.00 $/month for 100 GB when stopped",
    );
    // The disk is at least as large as the image.
    let small = planned(&["--size", "1"]);
    let size = small.status(0).stdout.split("VolumeSize=").nth(1).and_then(|rest| rest.split(',').next());
    let size: u32 = size.and_then(|size| size.parse().ok()).expect("a size");
    let cost = format!("{:.2} $/month for {size} GB when stopped", f64::from(size) * 0.08);
    small.check(size > 1, || format!("{size} GB")).stderr_has(&cost);
    planned(&["-t", "m5.large"]).status(0).stderr_has("m5.large: 2 vCPU, 8 GiB; the price is not known");
    ec2.fault("GetProducts=AccessDeniedException");
    ec2.fault("DescribeSpotPriceHistory=UnauthorizedOperation");
    planned(&[]).status(0).stderr_has("the price is not known");
    planned(&["--spot"]).status(0).stderr_has("the price is not known");
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn a_quota_that_is_too_small_is_named_with_the_command_that_raises_it() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.knob("quota_standard", 1);
    ec2.knob("quota_g", 0);
    for (flags, message, code) in [
        (
            &[][..],
            "your quota Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances allows 1 vCPU here, and m7i.large \
             needs 2 more",
            "--quota-code L-1216C47A --desired-value 3",
        ),
        (
            &["-g"],
            "instances allows 0 vCPU here, and g6.xlarge needs 4 more: choose another region",
            "--quota-code L-DB2E81BA --desired-value 4",
        ),
    ] {
        let outcome = user.command("create-dock").arg("box").args(flags).run();
        outcome.status(1).stderr_has(message).stderr_has(code);
        // Only the launch itself finds out, so that key and group were made before.
        outcome.stderr_has("everything that was made is removed");
        assert!(ec2.census().is_empty(), "{:?}", ec2.census());
        assert_eq!(journals(&user), [""; 0]);
    }
    assert_eq!(launches(&ec2).len(), 2);
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn credentials_that_are_missing_or_refused_are_named() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let without = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; export AWS_EC2_METADATA_DISABLED=true";
    let outcome = user.shell(&format!("{without}; create-dock box")).run();
    outcome.status(1).stderr_has("no AWS credentials found: run `aws configure` or `aws sso login`");
    let outcome = user.shell("unset AWS_REGION AWS_DEFAULT_REGION; create-dock box").run();
    outcome.status(1).stderr_has("no AWS region is set: use --region");
    ec2.fault("GetCallerIdentity=ExpiredToken");
    let message = "your AWS session has expired, start a new one, for example with `aws sso login`";
    refused(&ec2, &user, &[], message);
}

#[test]
fn what_needs_no_network_is_checked_first() {
    let project = Project::new();
    let run = |args: &[&str]| project.command("create-dock").args(args).run();
    run(&["box"])
        .status(1)
        .stderr_has("there is no key to log in with: create one with `ssh-keygen -t ed25519`");
    std::fs::write(project.home().join("key.pub"), "hello\n").expect("a file");
    let key = project.home().join("key.pub").display().to_string();
    run(&["box", "--key", &key]).status(1).stderr_has("is not a valid public key for EC2");
    run(&["box", "--key", "/nowhere.pub"]).status(1).stderr_has("the key `/nowhere.pub` cannot be read");
    run(&["box", "--resume"]).status(1).stderr_has("there is nothing to resume");
    run(&["box", "--idle", "soon"]).status(2).stderr_has("write never, or minutes, hours or days");
    project.command("register-dock").args(["192.0.2.1", "box", "--no-check"]).run().status(0);
    run(&["box"])
        .status(1)
        .stderr_has("`box` is the dock at 192.0.2.1: choose another name, or `unregister-dock box` first");
    let of_ec2 = ["192.0.2.1", "--no-check", "--instance-id", "i-0a1b2c3d"];
    project.command("register-dock").args(of_ec2).run().status(0);
    run(&["box"])
        .status(1)
        .stderr_has("`box` is the dock at 192.0.2.1: choose another name, or `destroy-dock box` first");
}

#[test]
fn without_an_ssh_client_nothing_is_made() {
    let project = Project::new();
    let empty = project.home().join("empty");
    fs::create_dir(&empty).expect("a folder");
    let outcome = project.command("create-dock").arg("box").env("PATH", empty).run();
    outcome.status(1).stderr_has("ssh is not installed: get it with `sudo apt-get install openssh-client`");
}
