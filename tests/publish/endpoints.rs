//! Endpoints that fail, and credentials that are none: one sentence each, and an end to every wait.

use std::time::Duration;

use dockerutils_testbed::ecr::{ApiFault, Ecr, Endpoint, HOST, OTHER_REGION, ecr};
use dockerutils_testkit::{Invocation, Outcome, Project};

use super::{ANSWERS, DIGEST, SAMPLE, configured};

/// publish-image with a docker that takes everything, and credentials that this endpoint may refuse.
fn publish(project: &Project, url: &str) -> Invocation {
    let command = project.command("publish-image").arg("prod").docker_runs(ANSWERS);
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        .iter()
        .fold(command, |command, name| command.env(*name, "testing"))
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", url)
}

/// It ends with status 1 and this sentence, and docker was asked for the image at most.
#[track_caller]
fn refused(outcome: &Outcome, sentence: &str) {
    outcome.status(1).stdout_is("").stderr_has(&format!("\npublish-image: {sentence}"));
    let asked =
        outcome.calls.iter().all(|call| call.starts_with(&["image".to_owned(), "inspect".to_owned()]));
    outcome.check(asked, || "docker was called".to_owned());
}

#[track_caller]
fn refused_at(behind: Option<&Ecr>, faults: &[(&'static str, ApiFault)], sentence: &str) -> Endpoint {
    let endpoint = Endpoint::start(behind.map(Ecr::address), faults.iter().cloned());
    refused(&publish(&configured(SAMPLE), &endpoint.url()).run(), sentence);
    endpoint
}

fn count(endpoint: &Endpoint, action: &str) -> usize {
    endpoint.actions().iter().filter(|asked| *asked == action).count()
}

#[test]
fn a_throttle_ends_after_three_attempts_and_each_is_told() {
    let endpoint = Endpoint::start(None, [("*", ApiFault::throttling())]);
    let outcome = publish(&configured(SAMPLE), &endpoint.url()).run();
    refused(&outcome, "ECR in us-east-1 throttled 3 attempts in a row: wait a minute, then publish again\n");
    let most = ["GetAuthorizationToken", "CreateRepository", "DescribeImages"]
        .map(|action| count(&endpoint, action));
    assert_eq!(most.iter().max(), Some(&3), "{most:?}");
    outcome.stderr_has(" failed, attempt 2 of 3\n").stderr_has(" failed, attempt 3 of 3\n");
}

#[test]
fn a_failure_of_ecrs_own() {
    let fault = || ApiFault::error(500, "ServerException", "internal");
    refused_at(None, &[("*", fault())], "ECR failed internally, wait a minute, then publish again: ecr:");
    refused_at(
        None,
        &[("*", ApiFault::Response(503, "<html>".to_owned()))],
        "ECR failed internally, wait a minute",
    );
}

#[test]
fn something_that_is_not_ecr() {
    refused_at(None, &[("*", ApiFault::Garbage)], "the response is not from ECR");
    let portal = ApiFault::Response(200, "<html>please log in</html>".to_owned());
    refused_at(
        None,
        &[("*", portal)],
        "the response is not from ECR, check AWS_ENDPOINT_URL and HTTPS_PROXY: ecr:",
    );
    let strange = ApiFault::Response(404, "{}".to_owned());
    refused_at(None, &[("*", strange)], "the response is not from ECR");
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_login_that_is_not_ecrs() {
    let ecr = ecr();
    for login in
        ["{}", "{\"authorizationData\":[]}", "{\"authorizationData\":[{\"authorizationToken\":\"?\"}]}"]
    {
        let fault = ApiFault::Response(200, login.to_owned());
        refused_at(Some(ecr), &[("GetAuthorizationToken", fault)], "the response is not from ECR");
    }
}

#[test]
fn one_that_never_answers_is_given_up() {
    let endpoint = refused_at(None, &[("*", ApiFault::NoResponse)], "ECR in us-east-1 cannot be reached");
    assert_eq!(count(&endpoint, "GetAuthorizationToken"), 3);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn one_that_is_slow_is_waited_for() {
    let ecr = ecr();
    let endpoint =
        Endpoint::start(Some(ecr.address()), [("*", ApiFault::Delay(Duration::from_millis(1500)))]);
    publish(&configured(SAMPLE), &endpoint.url()).run().status(0).stderr_lacks("attempt");
    assert_eq!(endpoint.actions().len(), 3, "{:?}", endpoint.actions());
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn what_may_not_be_done_is_named_with_its_repository() {
    let ecr = ecr();
    let denied = || ApiFault::error(400, "AccessDeniedException", "User: x is not authorized");
    refused_at(
        Some(ecr),
        &[("GetAuthorizationToken", denied())],
        "AWS denies ecr:GetAuthorizationToken on the registry in us-east-1 (User: x is not authorized): request that permission from the administrator of the account\n",
    );
    // It is seen not to be there.
    let missing = ApiFault::error(400, "RepositoryNotFoundException", "no");
    refused_at(
        Some(ecr),
        &[("CreateRepository", denied()), ("DescribeImages", missing)],
        "AWS denies ecr:CreateRepository on repository `proj-prod` (User: x is not authorized): request",
    );
    let limit = ApiFault::error(400, "LimitExceededException", "10000 repositories");
    let missing = ApiFault::error(400, "RepositoryNotFoundException", "no");
    refused_at(
        Some(ecr),
        &[("CreateRepository", limit), ("DescribeImages", missing)],
        "ECR refuses ecr:CreateRepository on repository `proj-prod` (10000 repositories)\n",
    );
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn who_may_push_need_not_be_allowed_to_make_repositories() {
    let ecr = ecr();
    let denied = || ApiFault::error(400, "AccessDeniedException", "no");
    let there = ApiFault::error(400, "ImageNotFoundException", "no such tag");
    let endpoint =
        Endpoint::start(Some(ecr.address()), [("CreateRepository", denied()), ("DescribeImages", there)]);
    publish(&configured(SAMPLE), &endpoint.url()).run().status(0).stderr_lacks("denies");
    // Nor to look: then it is for docker to find out.
    let faults = [("CreateRepository", denied()), ("DescribeImages", denied())];
    let endpoint = Endpoint::start(Some(ecr.address()), faults);
    publish(&configured(SAMPLE), &endpoint.url()).run().status(0).stderr_has(
        "publish-image: AWS denies ecr:CreateRepository on repository `proj-prod` (no): the push fails unless the repository exists\n",
    );
}

/// docker answers only after AWS has received the calls that run at the same time.
#[test]
#[ignore = "needs root: AWS stand-in"]
fn no_repository_is_made_for_an_image_that_is_not_there() {
    let ecr = ecr();
    let endpoint = Endpoint::start(Some(ecr.address()), []);
    let project = configured(SAMPLE);
    let go = project.root().join("go");
    let docker = "until [ -e \"$GO\" ]; do sleep 0.02; done; echo 'Error: No such image: x' >&2; exit 1";
    let running = publish(&project, &endpoint.url()).env("GO", &go).docker_runs(docker).spawn();
    endpoint.wait_for_actions(2);
    std::fs::write(go, "").expect("a file");
    let outcome = running.wait();
    refused(&outcome, "docker has no image proj-prod:1.0: `build-image prod` builds it\n");
    outcome.stderr_lacks("create-repository");
    let mut actions = endpoint.actions();
    actions.sort();
    assert_eq!(actions, ["DescribeImages", "GetAuthorizationToken"]);
}

/// A repository that is seen needs no making, and a look at it only saves a push.
#[test]
#[ignore = "needs root: AWS stand-in"]
fn one_of_the_two_calls_may_fail() {
    let ecr = ecr();
    let there = || ApiFault::error(400, "ImageNotFoundException", "no such tag");
    let refusals = [
        ApiFault::throttling(),
        ApiFault::error(400, "LimitExceededException", "10000 repositories"),
        ApiFault::error(500, "ServerException", "internal"),
    ];
    for refusal in refusals {
        for faults in [
            vec![("CreateRepository", refusal.clone()), ("DescribeImages", there())],
            vec![("DescribeImages", refusal)],
        ] {
            let endpoint = Endpoint::start(Some(ecr.address()), faults);
            publish(&configured(SAMPLE), &endpoint.url()).run().status(0).stderr_lacks("denies");
        }
    }
    let over = || ApiFault::error(400, "ExpiredTokenException", "over");
    refused_at(
        Some(ecr),
        &[("CreateRepository", over()), ("DescribeImages", there())],
        "your AWS session has expired",
    );
    refused_at(Some(ecr), &[("DescribeImages", over())], "your AWS session has expired");
}

#[test]
fn credentials_that_are_over_or_unknown() {
    let over = ApiFault::error(
        400,
        "ExpiredTokenException",
        "The security token included in the request is expired",
    );
    refused_at(
        None,
        &[("*", over)],
        "your AWS session has expired, start a new one, for example with `aws sso login`: The security token included in the request is expired\n",
    );
    let unknown = ApiFault::error(
        400,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    );
    refused_at(
        None,
        &[("*", unknown)],
        "AWS rejects your credentials, check `aws configure list`: The security token",
    );
}

#[test]
fn no_credentials_and_no_region() {
    let project = configured(SAMPLE);
    let without = |names: &[&str]| {
        let command = publish(&project, "http://127.0.0.1:9");
        names.iter().fold(command, |command, name| command.env_remove(name)).run()
    };
    refused(
        &without(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
        "no AWS credentials found: run `aws configure` or `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n",
    );
    refused(
        &without(&["AWS_REGION"]),
        "no AWS region is set: set AWS_REGION, or `region` with `aws configure`, or write it in place of {region}\n",
    );
    refused(
        &publish(&project, "http://127.0.0.1:9").env("AWS_REGION", "").run(),
        "no AWS region is set: set AWS_REGION",
    );
}

/// The chain of sources goes on to the profile.
#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_region_that_the_profile_names() {
    let ecr = ecr();
    let project = configured(SAMPLE).file("../home/.aws/config", "[default]\nregion=eu-west-1\n");
    let outcome = publish(&project, &ecr.endpoint()).env_remove("AWS_REGION").run();
    let expected = format!("{OTHER_REGION}/proj-prod@{DIGEST}\n");
    outcome
        .status(0)
        .stdout_is(&expected)
        .stderr_has("aws ecr create-repository --repository-name proj-prod\n");
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_region_that_the_reference_names_is_enough() {
    let ecr = ecr();
    let named = configured(&format!("publication_tag={HOST}/{{image}}:{{tag}}\n"));
    publish(&named, &ecr.endpoint()).env_remove("AWS_REGION").run().status(0);
}

#[test]
fn an_sso_session_that_is_over() {
    let project = configured(SAMPLE)
        .file(
            "../home/.aws/config",
            "[profile work]\nregion=us-east-1\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=dev\n\
             [sso-session corp]\nsso_region=us-east-1\nsso_start_url=https://corp.example.com/start\n",
        )
        // Its name is the SHA-1 of `corp`.
        .file(
            "../home/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
            "{\"accessToken\":\"x\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}",
        );
    let as_work = |profile: &str| {
        let command = publish(&project, "http://127.0.0.1:9").env("AWS_PROFILE", profile);
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
            .iter()
            .fold(command, |command, name| command.env_remove(name))
            .run()
    };
    refused(
        &as_work("work"),
        "your AWS session has expired, start a new one, for example with `aws sso login`: ",
    );
    refused(&as_work("wrok"), "AWS credentials cannot be loaded, check `aws configure list`: ");
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn nothing_else_is_asked_of_aws() {
    let ecr = ecr();
    let endpoint = Endpoint::start(Some(ecr.address()), []);
    publish(&configured(SAMPLE), &endpoint.url()).run().status(0);
    let mut actions = endpoint.actions();
    actions.sort();
    assert_eq!(actions, ["CreateRepository", "DescribeImages", "GetAuthorizationToken"]);
}

/// Whom SSL_CERT_FILE names is trusted, and nobody else.
#[test]
#[ignore = "needs root: AWS stand-in"]
fn one_with_a_certificate() {
    let ecr = ecr();
    let (endpoint, certificate) = Endpoint::start_with_tls(ecr.address());
    let project = configured(SAMPLE).file("ca.pem", &certificate);
    let trusted = || publish(&project, &endpoint.url()).env("SSL_CERT_FILE", project.root().join("ca.pem"));
    trusted().run().status(0);
    assert_eq!(endpoint.actions().len(), 3);
    refused(
        &publish(&project, &endpoint.url()).env_remove("SSL_CERT_FILE").run(),
        "ECR in us-east-1 cannot be reached, check the network, HTTPS_PROXY and AWS_ENDPOINT_URL: invalid peer certificate: ",
    );
    assert_eq!(endpoint.actions().len(), 3);
}

#[test]
fn what_is_wrong_here_is_told_before_anybody_is_asked() {
    let endpoint = Endpoint::start(None, []);
    let upper = "image_repo=aws\npublication_tag={account}.dkr.ecr.{region}.amazonaws.com/Upper\n";
    publish(&configured(upper), &endpoint.url()).run().status(1).calls_are(&[]);
    publish(&configured(SAMPLE), &endpoint.url()).arg("--help").run().status(0).calls_are(&[]);
    publish(&configured(SAMPLE), &endpoint.url()).arg("--dry-run").run().status(0).calls_are(&[]);
    assert_eq!(endpoint.actions(), [""; 0]);
}
