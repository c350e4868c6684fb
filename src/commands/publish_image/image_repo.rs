//! The key `image_repo`: which registry the references of an image must be in.

use dockerutils_config::{Error, Value, nearest};
use dockerutils_oci::Registry;

/// The value of `image_repo`.
#[derive(Debug)]
pub(super) enum ImageRepo {
    /// `aws`: any registry of ECR.
    Aws,
    /// One registry.
    Registry(Registry),
}

impl ImageRepo {
    /// Parses the value, whose variables and placeholders have been replaced in `text`.
    ///
    /// # Errors
    /// Fails if the text is neither a known word nor a registry's host.
    pub(super) fn parse(value: &Value, text: &str) -> Result<Self, Error> {
        match text {
            "aws" => Ok(ImageRepo::Aws),
            "docker_hub" => Ok(ImageRepo::Registry(Registry::Hub)),
            _ => Registry::parse(text).map(ImageRepo::Registry).ok_or_else(|| {
                let hint = nearest(text, ["aws", "docker_hub"]);
                let hint = hint.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default();
                value.error(format!(
                    "`{text}` is not valid: expected aws, docker_hub or a registry host{hint}"
                ))
            }),
        }
    }

    /// Returns whether a registry is the one that the key names.
    pub(super) fn matches(&self, registry: &Registry) -> bool {
        match self {
            ImageRepo::Aws => matches!(registry, Registry::Ecr(_)),
            ImageRepo::Registry(named) => named == registry,
        }
    }

    /// Returns the value as messages show it.
    pub(super) fn describe(&self) -> String {
        match self {
            ImageRepo::Aws => "aws (ACCOUNT.dkr.ecr.REGION.amazonaws.com)".to_owned(),
            ImageRepo::Registry(Registry::Hub) => "docker_hub".to_owned(),
            ImageRepo::Registry(registry) => registry.to_string(),
        }
    }
}
