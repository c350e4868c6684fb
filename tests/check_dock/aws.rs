//! Credentials of AWS, only with `--aws`.

use dockerutils_testkit::Invocation;

use super::{assert_finding, check, project};

/// check-dock without the service of an instance that hands out credentials.
fn check_dock() -> Invocation {
    project().command("check-dock").env("AWS_EC2_METADATA_DISABLED", "true")
}

#[test]
fn missing_credentials_are_a_problem_and_are_looked_for_on_request_only() {
    let (outcome, findings) = check(check_dock().env("AWS_REGION", "eu-central-1").arg("--aws"));
    outcome.status(1);
    assert_finding(&findings, "aws.credentials", "problem", "credentials");
    let (_, findings) = check(check_dock().arg("--aws"));
    assert_finding(&findings, "aws.credentials", "problem", "region");
    let (_, findings) = check(check_dock());
    assert!(findings.iter().all(|finding| !finding["id"].as_str().is_some_and(|id| id.starts_with("aws."))));
}
