//! Looking up the digest that a tag has now, which can save a push.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::error::SdkError;
use aws_sdk_ecr::types::ImageIdentifier;
use dockerutils_aws::{Call, Error};

use crate::Repository;

/// The result of looking up a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TagLookup {
    /// The digest of the tag.
    Found(String),
    /// The repository exists, without this tag.
    NoSuchTag,
    /// The repository does not exist.
    NoRepository,
    /// The look-up failed, for example without permission.
    Unknown,
}

impl TagLookup {
    pub(crate) fn digest(self) -> Option<String> {
        match self {
            TagLookup::Found(digest) => Some(digest),
            _ => None,
        }
    }
}

/// Looks up a tag.
///
/// # Errors
/// Fails only if the credentials are not valid. Other failures give [`TagLookup::Unknown`], because the look-up only
/// saves a push.
pub(crate) async fn look_up(
    client: &Client,
    region: &str,
    repository: &Repository,
    tag: &str,
) -> Result<TagLookup, Error> {
    let call =
        Call { service: "ECR", action: "ecr:DescribeImages", resource: repository.to_string(), region };
    let response = client
        .describe_images()
        .set_registry_id(repository.account.clone())
        .repository_name(&repository.name)
        .image_ids(ImageIdentifier::builder().image_tag(tag).build())
        .send()
        .await;
    let response = match response {
        Err(SdkError::ServiceError(error)) if error.err().is_image_not_found_exception() => {
            return Ok(TagLookup::NoSuchTag);
        }
        Err(SdkError::ServiceError(error)) if error.err().is_repository_not_found_exception() => {
            return Ok(TagLookup::NoRepository);
        }
        response => response.map_err(|error| call.error(&error)),
    };
    match response {
        Ok(response) => {
            let digest = response.image_details().first().and_then(|image| image.image_digest());
            Ok(digest.map_or(TagLookup::NoSuchTag, |digest| TagLookup::Found(digest.to_owned())))
        }
        // Every other call would fail for the same reason, so this one need not wait for them.
        Err(error @ (Error::Expired(_) | Error::TooOld(_) | Error::Unrecognized(_))) => Err(error),
        Err(_) => Ok(TagLookup::Unknown),
    }
}
