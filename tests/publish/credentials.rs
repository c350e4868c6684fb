//! Credentials, regions and certificates: where they come from, and a message for each that is missing or not valid.

use dockerutils_testbed::ecr::{ApiFault, Endpoint, HOST, OTHER_REGION, ecr};

use super::aws::{publish, refused, refused_at};
use super::{DIGEST, SAMPLE, configured};

#[test]
fn expired_and_unknown_credentials_have_a_message_each() {
    let expired = ApiFault::error(
        400,
        "ExpiredTokenException",
        "The security token included in the request is expired",
    );
    refused_at(
        None,
        &[("*", expired)],
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
fn missing_credentials_and_a_missing_region_have_a_message_each() {
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

#[test]
#[ignore = "needs root: AWS stand-in"]
fn the_region_may_come_from_the_profile() {
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
fn a_region_in_the_reference_is_enough() {
    let ecr = ecr();
    let named = configured(&format!("publication_tag={HOST}/{{image}}:{{tag}}\n"));
    publish(&named, &ecr.endpoint()).env_remove("AWS_REGION").run().status(0);
}

#[test]
fn an_expired_sso_session_is_reported_as_such() {
    let project = configured(SAMPLE)
        .file(
            "../home/.aws/config",
            "[profile work]\nregion=us-east-1\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=dev\n\
             [sso-session corp]\nsso_region=us-east-1\nsso_start_url=https://corp.example.com/start\n",
        )
        // The SDK names the file after the SHA-1 of the session's name, `corp`.
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
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn only_a_certificate_from_ssl_cert_file_is_trusted() {
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
