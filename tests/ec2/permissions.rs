//! The policy that `create-dock --print-iam-policy` prints.

use std::env;

use dockerutils_testbed::ec2::{Census, Ec2, User, ec2};
use serde_json::Value;

use super::create;

/// Returns the printed policy for moto, which compares actions only: it knows neither the resources nor the tags of a call.
fn printed_policy(user: &User) -> Value {
    let outcome = user.command("create-dock").arg("--print-iam-policy").run();
    let mut policy: Value = serde_json::from_str(&outcome.status(0).stdout).expect("JSON");
    for statement in policy["Statement"].as_array_mut().expect("statements") {
        statement["Resource"] = "*".into();
        statement.as_object_mut().expect("a statement").remove("Condition");
    }
    policy
}

/// Returns the policy without one action.
fn without(policy: &Value, action: &str) -> String {
    let mut policy = policy.clone();
    for statement in policy["Statement"].as_array_mut().expect("statements") {
        let actions = statement["Action"].take();
        let mut left = match actions {
            Value::Array(actions) => actions,
            action => vec![action],
        };
        left.retain(|it| it != action);
        // A statement needs an action.
        statement["Action"] = if left.is_empty() { "ec2:DescribeTags".into() } else { left.into() };
    }
    policy.to_string()
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn the_printed_policy_is_enough_for_the_whole_life_of_a_dock() {
    let ec2 = ec2();
    let mut user = User::new(&ec2);
    let policy = printed_policy(&user);
    user.limit_to(&policy.to_string());
    create(&user, "box");
    let id = user.instance("box");
    user.command("stop-dock").args(["box", "-y"]).run().status(0);
    user.wait_for_state(&id, "stopped");
    user.command("start-dock").arg("box").run().status(0);
    user.command("ls-dock").run().status(0).stderr_lacks("denies");
    user.command("destroy-dock").args(["box", "-y"]).run().status(0);
    user.command("gc-docks").run().status(0);
    assert_eq!(ec2.census(), Census::default());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_permission_that_is_missing_is_named_and_nothing_is_left() {
    let ec2 = ec2();
    for action in [
        "ec2:DescribeImages",
        "ec2:RunInstances",
        "ec2:CreateSecurityGroup",
        "ec2:AuthorizeSecurityGroupIngress",
    ] {
        ec2.reset();
        let mut user = User::new(&ec2);
        let policy = printed_policy(&user);
        user.limit_to(&without(&policy, action));
        let outcome = user.command("create-dock").arg("box").run();
        outcome.status(1).stderr_has(&format!("AWS denies {action}"));
        assert_eq!(ec2.census(), Census::default(), "{action}");
    }
}

/// The commands of a dock's life, in order.
const LIFE: [&str; 5] =
    ["create-dock box", "stop-dock box -y", "start-dock box", "gc-docks", "destroy-dock box -y"];

/// The permissions without which a life fails, of those that are tested each time. DOCKERUTILS_EVERY_PERMISSION=1 tests all.
const SOME: [&str; 4] =
    ["ec2:DescribeKeyPairs", "ec2:StopInstances", "ec2:TerminateInstances", "ec2:DeleteSecurityGroup"];

/// Returns the actions of a policy.
fn actions(policy: &Value) -> Vec<String> {
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let of_statement = |statement: &Value| match &statement["Action"] {
        Value::Array(actions) => actions.clone(),
        action => vec![action.clone()],
    };
    let mut actions: Vec<String> =
        statements.flat_map(of_statement).filter_map(|action| action.as_str().map(str::to_owned)).collect();
    actions.sort();
    actions.dedup();
    actions
}

/// Lives without a permission, until a command fails, and returns whether one does. It has to name the permission. With all
/// permissions, destroy-dock then leaves nothing.
fn is_needed(ec2: &Ec2, policy: &Value, action: &str) -> bool {
    ec2.reset();
    let mut user = User::new(ec2);
    user.limit_to(&without(policy, action));
    let failed = LIFE.iter().find_map(|line| {
        let (command, words) = line.split_once(' ').unwrap_or((line, ""));
        let outcome = user.command(command).args(words.split_whitespace()).run();
        (outcome.status != 0).then_some(outcome)
    });
    if let Some(outcome) = &failed {
        outcome.stderr_has(&format!("AWS denies {action}"));
    }
    ec2.knob("permissions", 0);
    if user.has_record("box") {
        user.command("destroy-dock").args(["box", "-y"]).run().status(0);
    }
    assert_eq!(ec2.census(), Census::default(), "{action}");
    failed.is_some()
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn every_permission_is_named_by_the_command_that_lacks_it_and_nothing_is_left() {
    let ec2 = ec2();
    let policy = printed_policy(&User::new(&ec2));
    let all = env::var_os("DOCKERUTILS_EVERY_PERMISSION").is_some();
    let tested = if all { actions(&policy) } else { SOME.map(str::to_owned).to_vec() };
    let (needed, other): (Vec<String>, Vec<String>) =
        tested.into_iter().partition(|action| is_needed(&ec2, &policy, action));
    println!("needed: {needed:?}\nof use only at other times: {other:?}");
    assert!(SOME.iter().all(|action| needed.iter().any(|needed| needed == action)), "{needed:?}");
}
