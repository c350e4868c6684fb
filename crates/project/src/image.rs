//! An image of the project: what the configuration says about it, and what it is called.

use dockerutils_config::{ImageSection, Scope, Value, Word};

use dockerutils_oci::Reference;

use crate::{Dockerfile, Error, Project, name};

/// Where an image comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A folder under docker/ that holds a Dockerfile.
    Folder,
    /// A name under `synthetic_images`: another image, run with settings of its own.
    Synthetic,
}

/// An image of the project.
#[derive(Debug)]
pub struct Image<'a> {
    /// The folder's or the synthetic image's name.
    pub name: String,
    /// Where it comes from.
    pub kind: Kind,
    /// What the configuration says about it.
    pub section: ImageSection,
    /// What `-i` says instead.
    name_override: Option<String>,
    /// What `-t` says instead.
    tag_override: Option<String>,
    project: &'a Project,
}

impl<'a> Image<'a> {
    pub(crate) fn new(project: &'a Project, name: &str, kind: Kind) -> Result<Self, Error> {
        let section = project.config().image(name, project.is_docked())?;
        let image =
            Image { name: name.to_owned(), kind, section, name_override: None, tag_override: None, project };
        if kind == Kind::Synthetic {
            image.check_target()?;
        }
        Ok(image)
    }

    /// Uses this whole name, and this tag, instead of what the conventions say; values of the command line.
    #[must_use]
    pub fn called(mut self, name: Option<&str>, tag: Option<&str>) -> Self {
        self.name_override = name.map(str::to_owned);
        self.tag_override = tag.map(str::to_owned);
        self
    }

    /// The project that it belongs to.
    pub fn project(&self) -> &'a Project {
        self.project
    }

    /// The name and tag under which docker knows it: `<project>-<image>:<tag>`, or what is configured.
    ///
    /// # Errors
    /// A configured or given name or tag that docker would refuse.
    pub fn reference(&self) -> Result<Reference, Error> {
        let (name, named_by) = self.full_name()?;
        let refused = |problem: &dyn ToString, by: Option<&Value>| match by {
            Some(value) => value.error(problem.to_string()).into(),
            None => Error::Reference(problem.to_string()),
        };
        let reference = Reference::parse(&name).map_err(|problem| refused(&problem, named_by))?;
        let (tag, tagged_by) = match (&self.tag_override, &self.section.tag) {
            (Some(tag), _) => (tag.clone(), None),
            (None, Some(value)) => (value.word(&self.project.scope())?.text(), Some(value)),
            // A whole reference says itself which image is meant.
            (None, None) if self.is_whole_reference() => return Ok(reference),
            (None, None) => (self.project.user().tag(), None),
        };
        if reference.is_pinned() {
            return Err(refused(
                &format!("`{name}` already says which tag, leave out `{tag}`"),
                tagged_by.or(named_by),
            ));
        }
        Reference::parse(&format!("{name}:{tag}"))
            .map_err(|problem| refused(&problem, tagged_by.or(named_by)))
    }

    /// The placeholders that mean something in this image's section, and the environment.
    ///
    /// # Errors
    /// As [`reference`](Self::reference).
    pub fn scope(&self) -> Result<Scope<'static>, Error> {
        let reference = self.reference()?;
        let tag = reference.tag().unwrap_or("latest").to_owned();
        Ok(self.project.scope().with("image", reference.name()).with("tag", tag))
    }

    /// The Dockerfile's path from the root.
    pub fn dockerfile_path(&self) -> String {
        format!("docker/{}/Dockerfile", self.name)
    }

    /// Reads the Dockerfile; `build_flags` are the flags of the build, whose `--build-arg`s FROM may name.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn dockerfile(&self, build_flags: &[String]) -> Result<Dockerfile, Error> {
        let path = self.project.root().join(self.dockerfile_path());
        let bytes = std::fs::read(&path)
            .map_err(|source| Error::File { path: self.dockerfile_path().into(), source })?;
        Ok(Dockerfile::parse(&String::from_utf8_lossy(&bytes), build_flags))
    }

    /// The image of this project that it starts FROM or copies from, if any; `flags` are further flags of the build.
    ///
    /// # Errors
    /// An unreadable Dockerfile, a broken section.
    pub fn own_base(&self, flags: &[String]) -> Result<Option<String>, Error> {
        let dockerfile = self.dockerfile(&self.build_flags(flags)?)?;
        for folder in self.project.folder_images()? {
            let name = folder.full_name()?.0;
            if dockerfile.images().iter().any(|reference| is_image_of(reference, &name)) {
                return Ok(Some(folder.name));
            }
        }
        Ok(None)
    }

    /// The configured `build_args`, and after them further flags.
    ///
    /// # Errors
    /// The configured ones cannot be used.
    pub fn build_flags(&self, further: &[String]) -> Result<Vec<String>, Error> {
        let configured = match &self.section.build_args {
            Some(value) => value.words(&self.scope()?)?,
            None => Vec::new(),
        };
        Ok(configured.iter().map(Word::text).chain(further.iter().cloned()).collect())
    }

    fn is_whole_reference(&self) -> bool {
        self.name_override.is_none() && !self.section.prefix && self.section.name.is_some()
    }

    fn full_name(&self) -> Result<(String, Option<&Value>), Error> {
        if let Some(name) = &self.name_override {
            return Ok((name.clone(), None));
        }
        match &self.section.name {
            Some(value) => {
                let name = value.word(&self.project.scope())?.text();
                let name =
                    if self.section.prefix { format!("{}-{name}", self.project.name()?) } else { name };
                Ok((name, Some(value)))
            }
            None => {
                let own = name::image_component(&self.name);
                if own.is_empty() {
                    return Err(Error::NoName { name: self.name.clone() });
                }
                Ok((format!("{}-{own}", self.project.name()?), None))
            }
        }
    }

    /// A synthetic image must say which image it runs, and that one must be there.
    fn check_target(&self) -> Result<(), Error> {
        let config = self.project.config();
        if self.section.name.is_none() && !config.has_section(&self.name) {
            let problem =
                format!("lists `{0}`, which has no section: write [{0}] with name=IMAGE", self.name);
            return Err(config.synthetic_error(problem).into());
        }
        let Some(value) = &self.section.name else {
            let problem = "is a synthetic image and needs name=IMAGE, the image that it runs";
            return Err(config.section_error(&self.name, problem).into());
        };
        if self.section.prefix && self.target()?.is_none() {
            let known: Vec<String> =
                self.project.folder_images()?.into_iter().map(|image| image.name).collect();
            let problem = format!(
                "there is no image `{}` to run: docker/ has {} (a whole image reference needs prefix=False)",
                value.text,
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            );
            return Err(value.error(problem).into());
        }
        Ok(())
    }

    /// The folder image that a synthetic image runs, if it is one of the project's.
    ///
    /// # Errors
    /// A section is broken.
    pub fn target(&self) -> Result<Option<Image<'a>>, Error> {
        let (wanted, _) = self.full_name()?;
        for folder in self.project.folder_images()? {
            if folder.full_name()?.0 == wanted {
                return Ok(Some(folder));
            }
        }
        Ok(None)
    }
}

/// Whether a reference in a Dockerfile means the image of that name or its builder, whatever the tag.
pub(crate) fn is_image_of(reference: &str, name: &str) -> bool {
    Reference::parse(reference).is_ok_and(|reference| {
        reference.name() == name || reference.name().strip_suffix("-builder") == Some(name)
    })
}
