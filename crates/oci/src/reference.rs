//! References, which name images.
//!
//! The grammar is `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
//! <https://github.com/distribution/reference/blob/main/reference.go>

use std::fmt;
use std::str::FromStr;

use crate::{Digest, Registry, name, registry_host};

/// The most characters of a name, with the host; the distribution project calls it `NameTotalLengthMax`.
const MAX_NAME: usize = 255;

/// How many characters of a text that is not a reference an error shows: more than any reference has.
const SHOWN: usize = 500;

/// The host that docker adds to names without one.
const HUB_HOST: &str = "docker.io";

/// The reference of an image: a name, and a tag or a digest if one was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    name: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// A text that docker would refuse as a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid image reference: {problem}")]
pub struct ParseReferenceError {
    /// The text, without control characters and shortened if it is very long.
    pub text: String,
    /// The reason why docker would refuse it.
    pub problem: ReferenceProblem,
}

/// The reason why a text is not a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum ReferenceProblem {
    #[error("the name has more than {MAX_NAME} characters")]
    NameTooLong,
    #[error("a component of the name is empty")]
    EmptyComponent,
    #[error("`{0}` must be lower-case")]
    UppercaseComponent(String),
    #[error("`{0}` may hold lower-case letters and digits, with `.`, `_` or `-` between")]
    InvalidComponent(String),
    #[error(
        "`{0}` is not a valid registry host: expected letters and digits, with `.` or `-` between, and a number as its port"
    )]
    InvalidHost(String),
    #[error(
        "the tag `{0}` may hold up to 128 letters, digits, `_`, `.` and `-`, and must not begin with `.` or `-`"
    )]
    InvalidTag(String),
    #[error("the digest `{0}` is not sha256: and 64 hexadecimal digits")]
    InvalidDigest(String),
}

impl Reference {
    /// Parses a reference.
    ///
    /// # Errors
    /// Fails if docker would refuse the reference.
    pub fn parse(text: &str) -> Result<Self, ParseReferenceError> {
        parse(text).map_err(|problem| ParseReferenceError { text: printable(text), problem })
    }

    /// Returns the name without tag and digest, for example `registry:5000/project-image`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the registry's host, if the name begins with one.
    pub fn host(&self) -> Option<&str> {
        registry_host::split(&self.name).0
    }

    /// Returns the name without the registry's host.
    pub fn repository(&self) -> &str {
        registry_host::split(&self.name).1
    }

    /// Returns the registry that the reference leads to.
    pub fn registry(&self) -> Registry {
        Registry::of_host(self.host())
    }

    /// Returns the tag. `None` if the reference has no tag.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Returns the digest. `None` if the reference has no digest.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Returns whether the reference has a tag or a digest.
    pub fn is_pinned(&self) -> bool {
        self.tag.is_some() || self.digest.is_some()
    }

    /// Returns the reference with this tag in place of its own tag and digest.
    ///
    /// # Errors
    /// Fails if docker would refuse the tag.
    pub fn with_tag(mut self, tag: &str) -> Result<Self, ParseReferenceError> {
        if !name::is_tag(tag) {
            let text = printable(&format!("{}:{tag}", self.name));
            return Err(ParseReferenceError { text, problem: ReferenceProblem::InvalidTag(printable(tag)) });
        }
        (self.tag, self.digest) = (Some(tag.to_owned()), None);
        Ok(self)
    }

    /// Adds the tag `latest`, as docker does, if the reference is not pinned.
    #[must_use]
    pub fn or_latest(mut self) -> Self {
        // A digest alone already selects one image.
        if !self.is_pinned() {
            self.tag = Some("latest".to_owned());
        }
        self
    }

    /// Returns the reference with the host and the `library/` that docker adds: `busybox` is `docker.io/library/busybox`.
    /// Containerd knows images by these names.
    pub fn canonical(&self) -> Self {
        let name = match self.registry() {
            // The host is written anew: `index.docker.io` is an alias.
            Registry::Hub if self.repository().contains('/') => format!("{HUB_HOST}/{}", self.repository()),
            Registry::Hub => format!("{HUB_HOST}/library/{}", self.repository()),
            Registry::Ecr(_) | Registry::Host(_) => self.name.clone(),
        };
        Reference { name, ..self.clone() }
    }

    /// Returns the reference without the parts that docker adds, as `docker images` lists it.
    pub fn familiar(&self) -> Self {
        let name = match self.registry() {
            Registry::Hub => match self.repository().strip_prefix("library/") {
                // Docker lists `library/a/b` as it is, because official images have one component.
                Some(official) if !official.contains('/') => official,
                _ => self.repository(),
            },
            Registry::Ecr(_) | Registry::Host(_) => &self.name,
        };
        Reference { name: name.to_owned(), ..self.clone() }
    }
}

impl FromStr for Reference {
    type Err = ParseReferenceError;

    fn from_str(text: &str) -> Result<Self, ParseReferenceError> {
        Reference::parse(text)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

fn parse(text: &str) -> Result<Reference, ReferenceProblem> {
    // Neither a name nor a tag can contain `@`.
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    // A colon before the last slash belongs to the host's port.
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    check_name(name)?;
    if let Some(tag) = tag.filter(|tag| !name::is_tag(tag)) {
        return Err(ReferenceProblem::InvalidTag(printable(tag)));
    }
    let digest = match digest {
        Some(text) => Some(text.parse().map_err(|_| ReferenceProblem::InvalidDigest(printable(text)))?),
        None => None,
    };
    Ok(Reference { name: name.to_owned(), tag: tag.map(str::to_owned), digest })
}

fn check_name(name: &str) -> Result<(), ReferenceProblem> {
    // First, so that the other checks deal with short texts only.
    if name.len() > MAX_NAME {
        return Err(ReferenceProblem::NameTooLong);
    }
    let (host, repository) = registry_host::split(name);
    if let Some(host) = host.filter(|host| !registry_host::is_valid(host)) {
        return Err(ReferenceProblem::InvalidHost(printable(host)));
    }
    match repository.split('/').find(|component| !name::is_component(component)) {
        None => Ok(()),
        Some("") => Err(ReferenceProblem::EmptyComponent),
        Some(upper) if name::is_component(&upper.to_lowercase()) => {
            Err(ReferenceProblem::UppercaseComponent(upper.to_owned()))
        }
        Some(other) => Err(ReferenceProblem::InvalidComponent(printable(other))),
    }
}

/// Makes a text fit for a message: a reference may come from a file of another user.
fn printable(text: &str) -> String {
    let mut printable = String::new();
    for c in text.chars().take(SHOWN) {
        if c.is_control() {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}
