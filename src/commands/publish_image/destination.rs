//! The references of an image's `publication_tag`, checked before anything runs.

use dockerutils_config::{Value, Word};
use dockerutils_docker::ClientConfig;
use dockerutils_oci::{Reference, Registry};
use dockerutils_project::Image;

use super::error::PublishError;
use super::image_repo::ImageRepo;
use super::placeholders::Caller;
use crate::{Error, Result, ui};

/// A reference that an image is pushed as.
#[derive(Debug)]
pub(super) struct Destination<'a> {
    pub(super) image: &'a Image<'a>,
    /// The image's own name.
    pub(super) local: Reference,
    /// The reference with stand-ins for `{account}` and `{region}`.
    pub(super) provisional: Reference,
    /// The reference with other stand-ins: a part that differs depends on AWS.
    pub(super) alternative: Reference,
    value: &'a Value,
    /// The position among the words of the value.
    index: usize,
}

impl<'a> Destination<'a> {
    /// Returns the destinations of an image, in the order of its `publication_tag`.
    ///
    /// # Errors
    /// Fails if the key is missing or empty, if docker would refuse a reference, or if a reference is not in the registry
    /// that `image_repo` names.
    pub(super) fn all_of(image: &'a Image<'a>) -> Result<Vec<Self>> {
        let local = image.reference()?;
        let config = image.project().config();
        let Some(value) = &image.section.publication_tag else {
            let problem = "needs publication_tag=REGISTRY/{image}:{tag}, the reference to publish it as";
            return Err(config_error(config.section_error(&image.name, problem)));
        };
        let image_repo = image_repo(image)?;
        let references = references(image, value, &Caller::provisional())?;
        let alternatives = self::references(image, value, &Caller::alternative())?;
        if references.is_empty() {
            let problem =
                "holds no reference, write REGISTRY/{image}:{tag}, the reference to publish the image as";
            return Err(config_error(value.error(problem)));
        }
        let checked = |(index, (provisional, alternative))| {
            let local = local.clone();
            let destination = Destination { image, local, provisional, alternative, value, index };
            destination.check(image_repo.as_ref()).map(|()| destination)
        };
        references.into_iter().zip(alternatives).enumerate().map(checked).collect()
    }

    /// Returns the registry of the reference, whose account and region may still be stand-ins.
    pub(super) fn registry(&self) -> Registry {
        self.provisional.registry()
    }

    /// Returns whether a part of the reference is not known before AWS is queried.
    pub(super) fn depends_on_aws(&self) -> bool {
        self.provisional != self.alternative
    }

    /// Returns the reference with the caller's account and region; with stand-ins under a dry run, without a caller.
    pub(super) fn resolve(&self, caller: Option<&Caller>) -> Result<Reference> {
        let Some(caller) = caller else { return Ok(self.provisional.clone()) };
        // Evaluated again rather than edited: a stand-in may also occur literally in the reference.
        let mut references = references(self.image, self.value, caller)?;
        Ok(references.swap_remove(self.index))
    }

    /// Checks that docker has a login, and the helper that keeps it, if the registry is certain to require one.
    ///
    /// # Errors
    /// Returns [`PublishError::NotLoggedIn`] or [`PublishError::NoHelper`].
    pub(super) fn require_login(&self, client: &ClientConfig) -> Result {
        let registry = self.registry();
        let requires_login = match registry {
            // publish-image logs in, and docker keeps that login with the helper.
            Registry::Ecr(_) if self.depends_on_aws() => return Ok(()),
            Registry::Ecr(_) => return require_helper(client, &registry),
            // Docker Hub accepts no push without a login.
            Registry::Hub => true,
            // Many private registries need no login. `image_repo` is how the configuration requests one.
            Registry::Host(_) => self.image.section.image_repo.is_some(),
        };
        if requires_login {
            require_helper(client, &registry)?;
        } else if let Some(helper) = client.missing_helper(&registry) {
            // docker pushes without a login then, which this registry may accept.
            ui::warn(PublishError::NoHelper { registry: registry.clone(), helper });
        }
        if requires_login && client.has_no_login(&registry) {
            return Err(PublishError::NotLoggedIn(registry).into());
        }
        Ok(())
    }

    fn check(&self, image_repo: Option<&ImageRepo>) -> Result {
        let written = texts(self.image, self.value, &Caller::as_written())?.swap_remove(self.index);
        let refused = |problem: String| Err(config_error(self.value.error(problem)));
        if self.provisional.digest().is_some() {
            return refused(format!(
                "`{written}` has a digest, which only the push determines: leave it out"
            ));
        }
        // AWS is queried only for the registries of ECR, so nothing else can depend on it.
        if without_ecr_host(&self.provisional) != without_ecr_host(&self.alternative) {
            return refused(format!(
                "`{written}`: {{account}} is only allowed in the host of an ECR registry, and so is {{region}} unless \
                 AWS_REGION is set"
            ));
        }
        let registry = self.registry();
        match image_repo {
            Some(repo) if !repo.matches(&registry) => {
                refused(format!("`{written}` is in {registry}, but image_repo is {}", repo.describe()))
            }
            _ => Ok(()),
        }
    }
}

/// Checks that the credential helper which docker would run for a registry is installed.
///
/// # Errors
/// Returns [`PublishError::NoHelper`].
pub(super) fn require_helper(client: &ClientConfig, registry: &Registry) -> Result {
    match client.missing_helper(registry) {
        Some(helper) => Err(PublishError::NoHelper { registry: registry.clone(), helper }.into()),
        None => Ok(()),
    }
}

fn image_repo(image: &Image) -> Result<Option<ImageRepo>> {
    let Some(value) = &image.section.image_repo else { return Ok(None) };
    let word = value.public_word(&image.scope()?, &image.section.not_secret).map_err(config_error)?;
    let text = word.text();
    ImageRepo::parse(value, &text).map(Some).map_err(config_error)
}

/// Returns the part of a reference that must not depend on AWS.
fn without_ecr_host(reference: &Reference) -> String {
    match reference.registry() {
        Registry::Ecr(ecr) => reference.to_string().split_off(ecr.host.len()),
        _ => reference.to_string(),
    }
}

/// Parses the words of a `publication_tag` for a caller.
fn references(image: &Image, value: &Value, caller: &Caller) -> Result<Vec<Reference>> {
    let written = texts(image, value, &Caller::as_written())?;
    let parse = |(text, written): (String, String)| {
        // The user should read `{account}` in the message, as in the file, not the stand-in.
        Reference::parse(&text)
            .map_err(|error| config_error(value.error(error.to_string().replace(&text, &written))))
    };
    texts(image, value, caller)?.into_iter().zip(written).map(parse).collect()
}

/// Returns the words of a `publication_tag` for a caller.
fn texts(image: &Image, value: &Value, caller: &Caller) -> Result<Vec<String>> {
    let scope = image.scope()?.with("account", &caller.account).with("region", &caller.region);
    let words = value.words(&scope).map_err(config_error)?;
    for word in &words {
        value.check_public(word, &image.section.not_secret).map_err(config_error)?;
    }
    Ok(words.iter().map(Word::text).collect())
}

fn config_error(error: dockerutils_config::Error) -> Error {
    dockerutils_project::Error::from(error).into()
}
