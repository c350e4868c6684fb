//! The policy that `create-dock --print-iam-policy` prints.

use dockerutils_testbed::ec2::{Census, User, ec2};
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
