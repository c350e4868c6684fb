//! publish-image at an AWS endpoint of the test.

use dockerutils_testbed::ecr::{ApiFault, Ecr, Endpoint};
use dockerutils_testkit::{Invocation, Outcome, Project};

use super::{DOCKER_WITH_IMAGE, SAMPLE, configured};

/// Returns publish-image with a docker that accepts every push, and with credentials for an endpoint.
pub(super) fn publish(project: &Project, url: &str) -> Invocation {
    let command = project.command("publish-image").arg("prod").docker_runs(DOCKER_WITH_IMAGE);
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        .iter()
        .fold(command, |command, name| command.env(*name, "testing"))
        .env("AWS_REGION", "us-east-1")
        // Without credentials the SDK would otherwise wait for the metadata service of EC2.
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", url)
}

/// Asserts status 1 and this message, and that docker was called at most to inspect the image.
#[track_caller]
pub(super) fn refused(outcome: &Outcome, message: &str) {
    outcome.status(1).stdout_is("").stderr_has(&format!("\npublish-image: {message}"));
    let only_inspected =
        outcome.calls.iter().all(|call| call.starts_with(&["image".to_owned(), "inspect".to_owned()]));
    outcome.check(only_inspected, || "docker was called".to_owned());
}

/// Runs publish-image at an endpoint with these faults, which passes other calls to `behind`, and asserts its message.
#[track_caller]
pub(super) fn refused_at(
    behind: Option<&Ecr>,
    faults: &[(&'static str, ApiFault)],
    message: &str,
) -> Endpoint {
    let endpoint = Endpoint::start(behind.map(Ecr::address), faults.iter().cloned());
    refused(&publish(&configured(SAMPLE), &endpoint.url()).run(), message);
    endpoint
}

/// Returns how often an action was called.
pub(super) fn count(endpoint: &Endpoint, action: &str) -> usize {
    endpoint.actions().iter().filter(|called| *called == action).count()
}
