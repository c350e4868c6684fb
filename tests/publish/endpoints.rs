//! Endpoints that fail, are slow or never respond: one message each, and an end to every wait.

use std::time::Duration;

use dockerutils_testbed::ecr::{ApiFault, Endpoint, ecr};

use super::aws::{count, publish, refused, refused_at};
use super::{SAMPLE, configured};

#[test]
fn throttling_ends_after_three_attempts_and_each_is_reported() {
    let endpoint = Endpoint::start(None, [("*", ApiFault::throttling())]);
    let outcome = publish(&configured(SAMPLE), &endpoint.url()).run();
    refused(&outcome, "ECR in us-east-1 throttled 3 attempts in a row: wait a minute, then try again\n");
    let most = ["GetAuthorizationToken", "CreateRepository", "DescribeImages"]
        .map(|action| count(&endpoint, action));
    assert_eq!(most.iter().max(), Some(&3), "{most:?}");
    outcome.stderr_has(" failed, attempt 2 of 3\n").stderr_has(" failed, attempt 3 of 3\n");
}

#[test]
fn an_internal_failure_of_ecr_is_reported_as_such() {
    let fault = || ApiFault::error(500, "ServerException", "internal");
    refused_at(None, &[("*", fault())], "ECR failed internally, wait a minute, then try again: ecr:");
    refused_at(
        None,
        &[("*", ApiFault::Response(503, "<html>".to_owned()))],
        "ECR failed internally, wait a minute",
    );
}

#[test]
fn a_response_that_is_not_from_ecr_is_reported_as_such() {
    refused_at(None, &[("*", ApiFault::Garbage)], "the response is not from ECR");
    let portal = ApiFault::Response(200, "<html>please log in</html>".to_owned());
    refused_at(
        None,
        &[("*", portal)],
        "the response is not from ECR, check AWS_ENDPOINT_URL and HTTPS_PROXY: ecr:",
    );
    let not_found = ApiFault::Response(404, "{}".to_owned());
    refused_at(None, &[("*", not_found)], "the response is not from ECR");
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_malformed_login_is_reported_as_such() {
    let ecr = ecr();
    for login in
        ["{}", "{\"authorizationData\":[]}", "{\"authorizationData\":[{\"authorizationToken\":\"?\"}]}"]
    {
        let fault = ApiFault::Response(200, login.to_owned());
        refused_at(Some(ecr), &[("GetAuthorizationToken", fault)], "the response is not from ECR");
    }
}

#[test]
fn an_endpoint_that_never_responds_is_given_up_after_three_attempts() {
    let endpoint = refused_at(None, &[("*", ApiFault::NoResponse)], "ECR in us-east-1 cannot be reached");
    assert_eq!(count(&endpoint, "GetAuthorizationToken"), 3);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_slow_endpoint_is_waited_for_without_a_retry() {
    let ecr = ecr();
    let endpoint =
        Endpoint::start(Some(ecr.address()), [("*", ApiFault::Delay(Duration::from_millis(1500)))]);
    publish(&configured(SAMPLE), &endpoint.url()).run().status(0).stderr_lacks("attempt");
    assert_eq!(endpoint.actions().len(), 3, "{:?}", endpoint.actions());
}

/// docker responds only after AWS has received the calls that run at the same time.
#[test]
#[ignore = "needs root: AWS stand-in"]
fn no_repository_is_created_for_an_image_that_is_not_built() {
    let ecr = ecr();
    let endpoint = Endpoint::start(Some(ecr.address()), []);
    let project = configured(SAMPLE);
    let go = project.root().join("go");
    let docker = "until [ -e \"$GO\" ]; do sleep 0.02; done; echo 'Error: No such image: x' >&2; exit 1";
    let running = publish(&project, &endpoint.url()).env("GO", &go).docker_runs(docker).spawn();
    endpoint.wait_for_actions(2);
    std::fs::write(go, "").expect("a file");
    let outcome = running.wait();
    refused(&outcome, "docker has no image proj-prod:1.0: `build-image prod` makes it\n");
    outcome.stderr_lacks("create-repository");
    let mut actions = endpoint.actions();
    actions.sort();
    assert_eq!(actions, ["DescribeImages", "GetAuthorizationToken"]);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_publish_makes_three_calls_to_aws() {
    let ecr = ecr();
    let endpoint = Endpoint::start(Some(ecr.address()), []);
    publish(&configured(SAMPLE), &endpoint.url()).run().status(0);
    let mut actions = endpoint.actions();
    actions.sort();
    assert_eq!(actions, ["CreateRepository", "DescribeImages", "GetAuthorizationToken"]);
}

#[test]
fn a_wrong_configuration_is_reported_before_aws_is_called() {
    let endpoint = Endpoint::start(None, []);
    let upper = "image_repo=aws\npublication_tag={account}.dkr.ecr.{region}.amazonaws.com/Upper\n";
    publish(&configured(upper), &endpoint.url()).run().status(1).calls_are(&[]);
    publish(&configured(SAMPLE), &endpoint.url()).arg("--help").run().status(0).calls_are(&[]);
    publish(&configured(SAMPLE), &endpoint.url()).arg("--dry-run").run().status(0).calls_are(&[]);
    assert_eq!(endpoint.actions(), [""; 0]);
}
