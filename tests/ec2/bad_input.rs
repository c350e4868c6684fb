//! What is wrong with a creation is one sentence with a remedy, and nothing is made.

use dockerutils_testbed::ec2::{Ec2, User, ec2};
use dockerutils_testkit::Project;

/// Checks that create-dock fails with this message, and makes nothing.
#[track_caller]
fn refused(ec2: &Ec2, user: &User, args: &[&str], message: &str) {
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
        (&["--fallback", "m7g.large"], "m7i.large is a machine of x86_64 and m7g.large is not"),
        (&["--subnet", "subnet-0123456789abcdef0"], "there is no subnet subnet-0123456789abcdef0"),
        (&["--az", "us-east-1z"], "has no subnet in us-east-1z"),
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
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn a_quota_that_is_too_small_is_named_with_the_command_that_raises_it() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.knob("quota_standard", 1);
    let outcome = user.command("create-dock").arg("box").run();
    outcome.status(1).stderr_has(
        "your quota Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances allows 1 vCPU here, and m7i.large needs \
         2 more",
    );
    outcome.stderr_has("--quota-code L-1216C47A --desired-value 3");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn credentials_that_are_missing_or_refused_are_named() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let without = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; export AWS_EC2_METADATA_DISABLED=true";
    let outcome = user.shell(&format!("{without}; create-dock box")).run();
    outcome.status(1).stderr_has("credentials");
    let outcome = user.shell("unset AWS_REGION AWS_DEFAULT_REGION; create-dock box").run();
    outcome.status(1).stderr_has("no AWS region is set: use --region");
    ec2.fault("GetCallerIdentity=ExpiredToken");
    refused(&ec2, &user, &[], "xpired");
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
}
