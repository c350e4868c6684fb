//! An image of the project: its section of the configuration, and its name.

use dockerutils_config::{ImageName, ImageSection, Scope, Value};
use dockerutils_oci::Reference;

use crate::error::Error;
use crate::legal_name;
use crate::project::Project;

/// The kind of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A folder under docker/ with a Dockerfile.
    Folder,
    /// A name in `synthetic_images`: another image, run with its own settings.
    Synthetic,
}

/// An image of the project.
#[derive(Debug)]
pub struct Image<'a> {
    /// The name of the folder or of the synthetic image.
    pub name: String,
    /// The kind of the image.
    pub kind: Kind,
    /// The section of the image.
    pub section: ImageSection,
    /// The value of `-i`, which replaces the whole name.
    name_override: Option<String>,
    /// The value of `-t`, which replaces the tag.
    tag_override: Option<String>,
    project: &'a Project,
}

/// A name without a tag, and the value of the configuration that it comes from, if any.
struct FullName<'v> {
    text: String,
    value: Option<&'v Value>,
}

impl<'a> Image<'a> {
    pub(crate) fn new(project: &'a Project, name: &str, kind: Kind) -> Result<Self, Error> {
        let section = project.config().image(name, project.is_docked())?;
        let image = Image::with_section(project, name, kind, section);
        if kind == Kind::Synthetic {
            image.check_target()?;
        }
        Ok(image)
    }

    pub(crate) fn with_section(project: &'a Project, name: &str, kind: Kind, section: ImageSection) -> Self {
        Image { name: name.to_owned(), kind, section, name_override: None, tag_override: None, project }
    }

    /// Sets a whole name and a tag that take precedence over the conventions and the configuration.
    #[must_use]
    pub fn with_overrides(mut self, name: Option<&str>, tag: Option<&str>) -> Self {
        self.name_override = name.map(str::to_owned);
        self.tag_override = tag.map(str::to_owned);
        self
    }

    /// Returns the project of the image.
    pub fn project(&self) -> &'a Project {
        self.project
    }

    /// Returns the reference by which docker knows the image: `<project>-<image>:<tag>`, or the configured one.
    ///
    /// # Errors
    /// Fails if docker would refuse the name or the tag.
    pub fn reference(&self) -> Result<Reference, Error> {
        self.check_no_secret()?;
        let FullName { text: name, value: name_value } = self.full_name()?;
        let refused = |problem: String, value: Option<&Value>| match value {
            Some(value) => value.error(problem).into(),
            None => Error::Reference(problem),
        };
        let reference =
            Reference::parse(&name).map_err(|problem| refused(problem.to_string(), name_value))?;
        // The first that is set: the command line, the configuration, the convention.
        let (tag, tag_value) = match (&self.tag_override, &self.section.tag) {
            (Some(tag), _) => (tag.clone(), None),
            // A name of the command line may have its tag.
            _ if self.name_override.is_some() && reference.is_pinned() => return Ok(reference),
            (None, Some(value)) => (value.word(&self.project.scope())?.text(), Some(value)),
            // `name` with prefix=False is a whole reference: without a tag it means `latest`, not the user's image.
            (None, None) if self.is_whole_reference() => return Ok(reference),
            (None, None) => (self.project.user().tag(), None),
        };
        let value = tag_value.or(name_value);
        if reference.is_pinned() {
            return Err(refused(
                format!("`{name}` already has a tag or digest: remove the tag `{tag}`"),
                value,
            ));
        }
        reference.with_tag(&tag).map_err(|problem| refused(problem.to_string(), value))
    }

    /// Fails if the configured name or tag has a secret: everyone can see the names of an engine's images.
    fn check_no_secret(&self) -> Result<(), Error> {
        let name = self.section.name.as_ref().filter(|_| self.name_override.is_none());
        let tag = self.section.tag.as_ref().filter(|_| self.tag_override.is_none());
        for value in name.into_iter().chain(tag) {
            value.public_word(&self.project.scope(), &self.section.not_secret)?;
        }
        Ok(())
    }

    /// Returns whether only a build of this project makes the image: no registry has it.
    pub fn is_local(&self) -> bool {
        self.name_override.is_none() && (self.section.prefix || self.section.name.is_none())
    }

    /// Returns the placeholders that are valid in this image's section, and the environment.
    ///
    /// # Errors
    /// Fails in the same cases as [`reference`](Self::reference).
    pub fn scope(&self) -> Result<Scope<'static>, Error> {
        let reference = self.reference()?;
        let tag = reference.tag().unwrap_or("latest").to_owned();
        Ok(self.project.scope().with("image", reference.name()).with("tag", tag))
    }

    /// Returns the path of the Dockerfile, relative to the root.
    pub fn dockerfile_path(&self) -> String {
        format!("docker/{}/Dockerfile", self.name)
    }

    /// Returns the folder image that a synthetic image runs. `None` if it runs an image of another origin.
    ///
    /// # Errors
    /// Fails if the name is not valid, or if the section of the folder image is not valid.
    pub fn target(&self) -> Result<Option<Image<'a>>, Error> {
        let folder = self.target_folder()?;
        folder.map(|folder| Image::new(self.project, &folder, Kind::Folder)).transpose()
    }

    /// Returns the folder that the image is built from: its own, or that of the image which a synthetic one runs. `None` if
    /// it runs an image of another origin.
    ///
    /// # Errors
    /// Fails if the name of a synthetic image is not valid.
    pub fn built_from(&self) -> Result<Option<String>, Error> {
        match self.kind {
            Kind::Folder => Ok(Some(self.name.clone())),
            Kind::Synthetic => self.target_folder(),
        }
    }

    fn target_folder(&self) -> Result<Option<String>, Error> {
        let wanted = self.full_name()?.text;
        // The name of another image may depend on a variable that is not set: that image is not the wanted one.
        let is_wanted = |folder: &String| self.project.folder_name(folder).is_ok_and(|name| name == wanted);
        Ok(self.project.image_folders()?.into_iter().find(is_wanted))
    }

    fn is_whole_reference(&self) -> bool {
        self.name_override.is_none() && !self.section.prefix && self.section.name.is_some()
    }

    fn full_name(&self) -> Result<FullName<'_>, Error> {
        if let Some(name) = &self.name_override {
            return Ok(FullName { text: name.clone(), value: None });
        }
        let value = self.section.name.as_ref();
        Ok(FullName { text: full_name(self.project, &self.name, value, self.section.prefix)?, value })
    }

    /// Fails unless a synthetic image names an image to run that exists.
    fn check_target(&self) -> Result<(), Error> {
        let Some(value) = &self.section.name else {
            return Err(self.without_target().into());
        };
        // With prefix=False the image may come from anywhere, so docker has to find out whether it exists.
        if !self.section.prefix || self.target_folder()?.is_some() {
            return Ok(());
        }
        let known = self.project.image_folders()?;
        let known = if known.is_empty() { "no image".to_owned() } else { known.join(", ") };
        let problem = format!(
            "there is no image `{}` to run: docker/ has {known} (a whole image reference needs prefix=False)",
            value.text
        );
        Err(value.error(problem).into())
    }

    fn without_target(&self) -> dockerutils_config::Error {
        let (config, name) = (self.project.config(), &self.name);
        if config.has_section(name) {
            return config
                .section_error(name, "is a synthetic image and needs name=IMAGE, the image that it runs");
        }
        config
            .synthetic_error(format!("lists `{name}`, which has no section: write [{name}] with name=IMAGE"))
    }
}

impl Project {
    /// Returns the name, without a tag, of the image of a folder. Only the keys that decide about it are evaluated.
    ///
    /// # Errors
    /// Fails if those keys are not valid, or if the name would be empty.
    pub fn folder_name(&self, folder: &str) -> Result<String, Error> {
        let ImageName { name, prefix, .. } = self.config().image_name(folder, self.is_docked())?;
        full_name(self, folder, name.as_ref(), prefix)
    }

    /// Returns the reference of the image of a folder. Only the keys that decide about it are evaluated.
    ///
    /// # Errors
    /// Fails if those keys are not valid, or if docker would refuse the name or the tag.
    pub fn folder_reference(&self, folder: &str) -> Result<Reference, Error> {
        let ImageName { name, prefix, tag } = self.config().image_name(folder, self.is_docked())?;
        let section = ImageSection { name, prefix, tag, ..ImageSection::default() };
        Image::with_section(self, folder, Kind::Folder, section).reference()
    }
}

/// Returns `<project>-<image>`, `<project>-<name>`, or with prefix=False `<name>`.
fn full_name(project: &Project, image: &str, name: Option<&Value>, prefix: bool) -> Result<String, Error> {
    let own = match name {
        Some(value) => value.word(&project.scope())?.text(),
        None => legal_name::image_component(image),
    };
    if own.is_empty() && name.is_none() {
        return Err(Error::NoName { name: image.to_owned() });
    }
    if prefix || name.is_none() {
        return Ok(format!("{}-{own}", project.name()?));
    }
    Ok(own)
}
