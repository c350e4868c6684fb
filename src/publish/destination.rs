//! Where an image is published: the references of its `publication_tag`, checked before anything runs.

use std::env;

use dockerutils_config::{Scope, Value, nearest};
use dockerutils_project::{Image, Reference, Registry};

use crate::{Error, Result};

/// What stands for `{account}` until AWS has said what it is.
pub(super) const UNKNOWN_ACCOUNT: &str = "000000000000";

/// What stands for `{region}`, likewise.
pub(super) const UNKNOWN_REGION: &str = "region";

/// Whose credentials these are, and where.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) account: String,
    pub(super) region: String,
}

impl Caller {
    /// As far as the environment tells: it is where the SDK's chain looks for the region first.
    pub(super) fn known() -> Self {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        Caller {
            account: UNKNOWN_ACCOUNT.to_owned(),
            region: region.unwrap_or_else(|| UNKNOWN_REGION.to_owned()),
        }
    }
}

/// One reference that an image is to be pushed as.
#[derive(Debug)]
pub(super) struct Destination<'a> {
    pub(super) image: &'a Image<'a>,
    /// The image's own name.
    pub(super) local: Reference,
    /// The reference, with what stands for `{account}` and `{region}`.
    pub(super) shape: Reference,
    value: &'a Value,
    /// Which of the value's words it is.
    index: usize,
}

impl<'a> Destination<'a> {
    /// Those of an image, in the order of its `publication_tag`.
    ///
    /// # Errors
    /// There are none, or docker would refuse one, or it does not lead where `image_repo` says.
    pub(super) fn all_of(image: &'a Image<'a>) -> Result<Vec<Self>> {
        let local = image.reference()?;
        let config = image.project().config();
        let Some(value) = &image.section.publication_tag else {
            let problem = "needs publication_tag=REGISTRY/{image}:{tag}, where it is to be published";
            return Err(config_error(config.section_error(&image.name, problem)));
        };
        let references = references(image, value, &Caller::known())?;
        let wanted = image.section.image_repo.as_ref().map(|value| Wanted::read(image, value)).transpose()?;
        for reference in &references {
            check(reference, value, wanted.as_ref())?;
        }
        let of = |(index, shape)| Destination { image, local: local.clone(), shape, value, index };
        Ok(references.into_iter().enumerate().map(of).collect())
    }

    /// The registry that it leads to, as far as that is known before AWS is asked.
    pub(super) fn registry(&self) -> Registry {
        self.shape.registry()
    }

    /// Whether AWS is yet to say what the reference is.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.registry(), Registry::Ecr(ecr) if ecr.account == UNKNOWN_ACCOUNT || ecr.region == UNKNOWN_REGION)
    }

    /// The reference, of this caller.
    pub(super) fn reference(&self, caller: Option<&Caller>) -> Result<Reference> {
        let Some(caller) = caller else { return Ok(self.shape.clone()) };
        let mut references = references(self.image, self.value, caller)?;
        Ok(references.swap_remove(self.index))
    }
}

fn references(image: &Image, value: &Value, caller: &Caller) -> Result<Vec<Reference>> {
    let scope = image.scope()?.with("account", &caller.account).with("region", &caller.region);
    let words = value.words(&scope).map_err(config_error)?;
    let parse = |word: String| {
        Reference::parse(&word).map_err(|problem| config_error(value.error(written(&problem))))
    };
    words.iter().map(|word| parse(word.text())).collect()
}

/// The text with `{account}` and `{region}` as they were written.
fn written(text: &str) -> String {
    text.replace(UNKNOWN_ACCOUNT, "{account}").replace(&format!(".{UNKNOWN_REGION}."), ".{region}.")
}

fn check(reference: &Reference, value: &Value, wanted: Option<&Wanted>) -> Result {
    let registry = reference.registry();
    let refused = |problem: String| Err(config_error(value.error(written(&problem))));
    if reference.digest().is_some() {
        let problem = format!("`{reference}` has a digest, which is for docker to find out: leave it out");
        return Err(config_error(value.error(problem)));
    }
    let outside = match &registry {
        Registry::Ecr(_) => reference.repository().to_owned(),
        _ => reference.to_string(),
    };
    if outside.contains(UNKNOWN_ACCOUNT) {
        return refused(format!(
            "`{reference}`: {{account}} may stand in the host of a registry of ECR alone"
        ));
    }
    match wanted {
        Some(wanted) if !wanted.is(&registry) => {
            refused(format!("`{reference}` leads to {registry}, but image_repo says {}", wanted.name()))
        }
        _ => Ok(()),
    }
}

/// What `image_repo` says.
enum Wanted {
    Aws,
    Hub,
    Host(String),
}

impl Wanted {
    fn read(image: &Image, value: &Value) -> Result<Self> {
        let scope: Scope = image.scope()?;
        let text = value.word(&scope).map_err(config_error)?.text();
        let is_host = text == "localhost" || text.contains(['.', ':']) && !text.contains('/');
        match text.as_str() {
            "aws" => Ok(Wanted::Aws),
            "docker_hub" => Ok(Wanted::Hub),
            _ if is_host => Ok(Wanted::Host(text)),
            _ => {
                let hint = nearest(&text, ["aws", "docker_hub"]);
                let hint = hint.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default();
                let problem = format!("`{text}` is none of aws, docker_hub and a registry's host{hint}");
                Err(config_error(value.error(problem)))
            }
        }
    }

    fn is(&self, registry: &Registry) -> bool {
        match (self, registry) {
            (Wanted::Aws, Registry::Ecr(_)) | (Wanted::Hub, Registry::Hub) => true,
            (Wanted::Host(host), registry) => *host == registry.to_string(),
            _ => false,
        }
    }

    fn name(&self) -> &str {
        match self {
            Wanted::Aws => "aws, whose registries are called ACCOUNT.dkr.ecr.REGION.amazonaws.com",
            Wanted::Hub => "docker_hub",
            Wanted::Host(host) => host,
        }
    }
}

fn config_error(error: dockerutils_config::Error) -> Error {
    Error::Project(error.into())
}
