//! Whether the tags of a repository can be moved.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::ImageTagMutability;
use dockerutils_aws::{Call, Callbacks, Error};

use crate::regions::{block_on, connect_to};
use crate::{RegionQuery, Repository};

/// Whether a tag of a repository that exists can be pushed with another digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagMutability {
    /// A push moves the tag.
    Mutable,
    /// A push is refused.
    Immutable,
    /// It could not be looked up, or is not the same for every tag.
    Unknown,
}

/// Looks up the setting of a repository of a query.
///
/// # Errors
/// Fails without valid credentials, if ECR does not respond in time, or if the caller stops. Other failures give
/// [`TagMutability::Unknown`]: the push then decides.
pub fn query_mutability(
    query: &RegionQuery,
    repository: &Repository,
    should_stop: &dyn Fn() -> bool,
    on_retry: &dyn Fn(&str),
) -> Result<TagMutability, Error> {
    let callbacks = Callbacks { should_stop, on_retry, is_paused: &|| false };
    block_on(&callbacks, |retries| async move {
        let (client, region) = connect_to(query, retries).await?;
        look_up(&client, &region, repository).await
    })
}

async fn look_up(client: &Client, region: &str, repository: &Repository) -> Result<TagMutability, Error> {
    let call =
        Call { service: "ECR", action: "ecr:DescribeRepositories", resource: repository.to_string(), region };
    let response = client
        .describe_repositories()
        .set_registry_id(repository.account.clone())
        .repository_names(&repository.name)
        .send()
        .await;
    let response = match response.map_err(|error| call.error(&error)) {
        Ok(response) => response,
        Err(error @ (Error::Expired(_) | Error::TooOld(_) | Error::Unrecognized(_))) => return Err(error),
        Err(_) => return Ok(TagMutability::Unknown),
    };
    let setting = response.repositories().first().and_then(|found| found.image_tag_mutability());
    Ok(match setting {
        Some(ImageTagMutability::Mutable) => TagMutability::Mutable,
        Some(ImageTagMutability::Immutable) => TagMutability::Immutable,
        // Some settings have exceptions by the name of the tag.
        _ => TagMutability::Unknown,
    })
}
