//! Where an image is published: the references of its `publication_tag`, checked before anything runs.

use std::env;

use dockerutils_config::{Scope, Value, Word, nearest};
use dockerutils_oci::{Reference, Registry};
use dockerutils_project::Image;

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
    fn new(account: &str, region: &str) -> Self {
        Caller { account: account.to_owned(), region: region.to_owned() }
    }

    /// As far as the environment tells.
    pub(super) fn known() -> Self {
        Caller::new(UNKNOWN_ACCOUNT, known_region().as_deref().unwrap_or(UNKNOWN_REGION))
    }

    /// Somebody else, as far as the environment tells.
    fn other() -> Self {
        Caller::new("111111111111", known_region().as_deref().unwrap_or("other"))
    }

    /// Nobody: the placeholders stay as they are written.
    fn nobody() -> Self {
        Caller::new("{account}", "{region}")
    }
}

/// The environment is where the SDK's chain looks for the region first.
fn known_region() -> Option<String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"))
}

/// One reference that an image is to be pushed as.
#[derive(Debug)]
pub(super) struct Destination<'a> {
    pub(super) image: &'a Image<'a>,
    /// The image's own name.
    pub(super) local: Reference,
    /// The reference, with what stands for `{account}` and `{region}`.
    pub(super) shape: Reference,
    /// The same for somebody else: where the two differ, AWS is yet to say what it is.
    pub(super) other: Reference,
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
        let wanted = image.section.image_repo.as_ref().map(|value| Wanted::read(image, value)).transpose()?;
        let shapes = references(image, value, &Caller::known())?;
        let others = references(image, value, &Caller::other())?;
        if shapes.is_empty() {
            let problem = "names no reference, write REGISTRY/{image}:{tag}, where it is to be published";
            return Err(config_error(value.error(problem)));
        }
        let of = |(index, (shape, other))| {
            let destination = Destination { image, local: local.clone(), shape, other, value, index };
            destination.check(wanted.as_ref()).map(|()| destination)
        };
        shapes.into_iter().zip(others).enumerate().map(of).collect()
    }

    /// The registry that it leads to, as far as that is known before AWS is asked.
    pub(super) fn registry(&self) -> Registry {
        self.shape.registry()
    }

    /// Whether AWS is yet to say what the reference is.
    pub(super) fn is_unknown(&self) -> bool {
        self.shape != self.other
    }

    /// The reference, of this caller.
    pub(super) fn reference(&self, caller: Option<&Caller>) -> Result<Reference> {
        let Some(caller) = caller else { return Ok(self.shape.clone()) };
        let mut references = references(self.image, self.value, caller)?;
        Ok(references.swap_remove(self.index))
    }

    fn check(&self, wanted: Option<&Wanted>) -> Result {
        let written = texts(self.image, self.value, &Caller::nobody())?.swap_remove(self.index);
        let refused = |problem: String| Err(config_error(self.value.error(problem)));
        if self.shape.digest().is_some() {
            return refused(format!(
                "`{written}` has a digest, which is for docker to find out: leave it out"
            ));
        }
        let outside = |reference: &Reference| match reference.registry() {
            Registry::Ecr(ecr) => reference.to_string().split_off(ecr.host.len()),
            _ => reference.to_string(),
        };
        if outside(&self.shape) != outside(&self.other) {
            return refused(format!(
                "`{written}`: {{account}} may stand in the host of a registry of ECR alone, and so may {{region}} unless \
                 AWS_REGION is set"
            ));
        }
        let registry = self.registry();
        match wanted {
            Some(wanted) if !wanted.is(&registry) => {
                refused(format!("`{written}` leads to {registry}, but image_repo says {}", wanted.name()))
            }
            _ => Ok(()),
        }
    }
}

fn references(image: &Image, value: &Value, caller: &Caller) -> Result<Vec<Reference>> {
    let written = texts(image, value, &Caller::nobody())?;
    let parse = |(text, written): (String, String)| {
        let refused = |problem: String| config_error(value.error(problem.replace(&text, &written)));
        Reference::parse(&text).map_err(|error| refused(error.to_string()))
    };
    texts(image, value, caller)?.into_iter().zip(written).map(parse).collect()
}

/// The words of a `publication_tag`, for this caller.
fn texts(image: &Image, value: &Value, caller: &Caller) -> Result<Vec<String>> {
    let scope = image.scope()?.with("account", &caller.account).with("region", &caller.region);
    let words = value.words(&scope).map_err(config_error)?;
    Ok(words.iter().map(Word::text).collect())
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
            "docker_hub" | "docker.io" | "index.docker.io" => Ok(Wanted::Hub),
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
