//! The failures of publish-image that are not docker's.

use dockerutils_docker::MissingHelper;
use dockerutils_oci::{Digest, Reference, Registry};

use crate::ui::StdoutError;

/// The reason why an image was not published, or was published without a report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    /// docker has no login at a registry that requires one.
    #[error("{}", not_logged_in(.0))]
    NotLoggedIn(Registry),
    /// Docker would run a credential helper that is not installed.
    #[error(
        "docker's config.json names a credential helper for {registry} ({}), but `{}` is not on PATH: install it, or remove \
         it from {} there",
        helper.key, helper.program, helper.key
    )]
    NoHelper { registry: Registry, helper: MissingHelper },
    /// The tag has another digest, and must not get a new one.
    #[error(
        "`{reference}` exists with another digest, {digest}, and {reason}: publish under another tag, with -t TAG"
    )]
    ImmutableTag { reference: Reference, digest: Digest, reason: &'static str },
    /// AWS could not be used.
    #[cfg(feature = "ecr")]
    #[error("{0}")]
    Aws(#[from] dockerutils_ecr::Error),
    /// This build does not contain the AWS SDK.
    #[cfg(not(feature = "ecr"))]
    #[error(
        "this publish-image was built without AWS and cannot log in to ECR: install it with the feature `ecr`, which is on \
         by default"
    )]
    WithoutAws,
    /// docker pushed the image, but printed no digest that we understand.
    #[error("docker has pushed `{0}` but has not reported its digest")]
    NoDigest(Reference),
    /// The images are published, but their digests cannot be printed.
    #[error("{source}; published: {text}")]
    StdoutFailed { text: String, source: StdoutError },
}

fn not_logged_in(registry: &Registry) -> String {
    match registry {
        Registry::Hub => "not logged in to Docker Hub: run `docker login` first".to_owned(),
        other => format!(
            "not logged in to {other}: run `docker login {other}` first (without `image_repo` no login is required)"
        ),
    }
}
