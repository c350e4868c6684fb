//! Calls that AWS refuses: which of them stop a publication.

use dockerutils_testbed::ecr::{ApiFault, Endpoint, ecr};

use super::aws::{publish, refused_at};
use super::{SAMPLE, configured};

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_denied_action_is_named_with_its_repository() {
    let ecr = ecr();
    let denied = || ApiFault::error(400, "AccessDeniedException", "User: x is not authorized");
    refused_at(
        Some(ecr),
        &[("GetAuthorizationToken", denied())],
        "AWS denies ecr:GetAuthorizationToken on the registry in us-east-1 (User: x is not authorized): request that permission from the administrator of the account\n",
    );
    // The look-up shows that the repository does not exist.
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
fn pushing_does_not_require_the_permission_to_create_repositories() {
    let ecr = ecr();
    let denied = || ApiFault::error(400, "AccessDeniedException", "no");
    let no_such_tag = ApiFault::error(400, "ImageNotFoundException", "no such tag");
    let endpoint = Endpoint::start(
        Some(ecr.address()),
        [("CreateRepository", denied()), ("DescribeImages", no_such_tag)],
    );
    publish(&configured(SAMPLE), &endpoint.url()).run().status(0).stderr_lacks("denies");
    // Without the permission to look either, the push decides.
    let faults = [("CreateRepository", denied()), ("DescribeImages", denied())];
    let endpoint = Endpoint::start(Some(ecr.address()), faults);
    publish(&configured(SAMPLE), &endpoint.url()).run().status(0).stderr_has(
        "publish-image: AWS denies ecr:CreateRepository on repository `proj-prod` (no): the push fails unless the repository exists\n",
    );
}

/// A repository that exists need not be created, and the look-up only saves a push.
#[test]
#[ignore = "needs root: AWS stand-in"]
fn one_of_creation_and_look_up_may_fail() {
    let ecr = ecr();
    let no_such_tag = || ApiFault::error(400, "ImageNotFoundException", "no such tag");
    let refusals = [
        ApiFault::throttling(),
        ApiFault::error(400, "LimitExceededException", "10000 repositories"),
        ApiFault::error(500, "ServerException", "internal"),
    ];
    for refusal in refusals {
        for faults in [
            vec![("CreateRepository", refusal.clone()), ("DescribeImages", no_such_tag())],
            vec![("DescribeImages", refusal)],
        ] {
            let endpoint = Endpoint::start(Some(ecr.address()), faults);
            publish(&configured(SAMPLE), &endpoint.url()).run().status(0).stderr_lacks("denies");
        }
    }
    let expired = || ApiFault::error(400, "ExpiredTokenException", "expired");
    refused_at(
        Some(ecr),
        &[("CreateRepository", expired()), ("DescribeImages", no_such_tag())],
        "your AWS session has expired",
    );
    refused_at(Some(ecr), &[("DescribeImages", expired())], "your AWS session has expired");
}
