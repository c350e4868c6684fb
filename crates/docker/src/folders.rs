//! The names of a project's images, by which a Dockerfile refers to them.

use dockerutils_oci::Reference;
use dockerutils_project::{Error as ProjectError, Project};

/// The end of a builder stage's name.
const BUILDER_SUFFIX: &str = "-builder";

/// The folders of a project's images, with the names of the images.
pub(crate) struct Folders(Vec<Folder>);

struct Folder {
    name: String,
    /// The canonical name of the image, without a tag. `None` if it cannot be evaluated: a mistake in the section of an
    /// image matters only when that image is built.
    image: Option<String>,
    /// The reference that the image is built as.
    reference: Option<Reference>,
}

/// An image of the project that a Dockerfile refers to.
pub(crate) struct Found {
    pub(crate) folder: String,
    reference: Reference,
    is_builder: bool,
}

impl Folders {
    pub(crate) fn of(project: &Project) -> Result<Self, ProjectError> {
        let folders = project.image_folders()?.into_iter().map(|name| {
            let image = project.folder_name(&name).ok().and_then(|image| canonical_name(&image));
            let reference = project.folder_reference(&name).ok();
            Folder { name, image, reference }
        });
        Ok(Folders(folders.collect()))
    }

    /// Gives the image of a folder another name.
    pub(crate) fn rename(&mut self, folder: &str, image: &str) {
        for entry in self.0.iter_mut().filter(|entry| entry.name == folder) {
            entry.image = canonical_name(image);
        }
    }

    /// Gives the images of folders another tag.
    pub(crate) fn retag(&mut self, is_built: impl Fn(&str) -> bool, tag: &str) {
        for entry in self.0.iter_mut().filter(|entry| is_built(&entry.name)) {
            entry.reference = entry.reference.take().and_then(|reference| reference.with_tag(tag).ok());
        }
    }

    /// Returns the reference that an image is built as, if it was found by a reference without a tag, which docker takes
    /// for another one.
    pub(crate) fn built_as(&self, found: &Found) -> Option<Reference> {
        let entry = self.0.iter().find(|entry| entry.name == found.folder)?;
        let tag =
            entry.reference.as_ref()?.tag().filter(|tag| *tag != "latest" && !found.reference.is_pinned())?;
        found.reference.clone().with_tag(tag).ok()
    }

    pub(crate) fn contains(&self, folder: &str) -> bool {
        self.0.iter().any(|entry| entry.name == folder)
    }

    /// Finds the image, or the builder of the image, that a reference in the Dockerfile of `referrer` means, whatever its tag.
    ///
    /// If the name of the image has been changed to that of another one, the other one is meant.
    pub(crate) fn find(&self, text: &str, referrer: &Referrer) -> Option<Found> {
        let reference = Reference::parse(text).ok()?;
        let canonical = reference.canonical();
        let name = canonical.name();
        let folder = |image: &str| {
            let matching = || self.0.iter().filter(|entry| entry.image.as_deref() == Some(image));
            matching().find(|entry| entry.name != referrer.folder).or_else(|| matching().next())
        };
        let whole = folder(name).map(|entry| entry.name.clone());
        let stage_of = name.strip_suffix(BUILDER_SUFFIX).and_then(folder).map(|entry| entry.name.clone());
        let found = |folder: String, is_builder| Found { folder, reference: reference.clone(), is_builder };
        match (whole, stage_of) {
            // Its own stage is built just before the image.
            (_, Some(folder)) if folder == referrer.folder && referrer.has_builder => {
                Some(found(folder, true))
            }
            // An image cannot need itself, so the stage of docker/app/ is meant in docker/app-builder/.
            (Some(whole), Some(folder))
                if whole == referrer.folder && found(whole.clone(), false).is_exactly(referrer.reference) =>
            {
                Some(found(folder, true))
            }
            // Elsewhere docker/app-builder/ comes before the stage of docker/app/.
            (Some(whole), _) => Some(found(whole, false)),
            (None, folder) => folder.map(|folder| found(folder, true)),
        }
    }
}

/// The image whose Dockerfile contains a reference.
pub(crate) struct Referrer<'a> {
    pub(crate) folder: &'a str,
    pub(crate) reference: &'a Reference,
    /// Whether its Dockerfile has a stage `builder`.
    pub(crate) has_builder: bool,
}

impl Found {
    /// Returns whether the image itself is meant, with this tag.
    pub(crate) fn is_exactly(&self, reference: &Reference) -> bool {
        !self.is_builder && self.reference.clone().or_latest().tag() == reference.clone().or_latest().tag()
    }
}

fn canonical_name(image: &str) -> Option<String> {
    Reference::parse(image).ok().map(|reference| reference.canonical().name().to_owned())
}
