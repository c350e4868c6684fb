//! Creating a repository.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::error::SdkError;
use aws_sdk_ecr::types::{ImageScanningConfiguration, ImageTagMutability, Tag};
use dockerutils_aws::{Call, Error};

use crate::Repository;

/// Creates a repository; one that exists stays as it is, whatever its settings.
pub(crate) async fn create(client: &Client, region: &str, repository: &Repository) -> Result<(), Error> {
    let call =
        Call { service: "ECR", action: "ecr:CreateRepository", resource: repository.to_string(), region };
    let settings = &repository.settings;
    let mut tags = Vec::new();
    for (key, value) in &settings.tags {
        let tag = Tag::builder().key(key).value(value).build();
        tags.push(tag.map_err(|error| Error::Refused(call.refusal(error.to_string())))?);
    }
    let scan =
        settings.scan_on_push.then(|| ImageScanningConfiguration::builder().scan_on_push(true).build());
    let response = client
        .create_repository()
        .set_registry_id(repository.account.clone())
        .repository_name(&repository.name)
        .set_tags(Some(tags).filter(|tags| !tags.is_empty()))
        .set_image_scanning_configuration(scan)
        .set_image_tag_mutability(settings.immutable_tags.then_some(ImageTagMutability::Immutable))
        .send()
        .await;
    match response {
        Err(SdkError::ServiceError(error)) if error.err().is_repository_already_exists_exception() => Ok(()),
        response => response.map(|_| ()).map_err(|error| call.error(&error)),
    }
}
