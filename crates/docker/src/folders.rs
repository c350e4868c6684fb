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
            Folder { name, image }
        });
        Ok(Folders(folders.collect()))
    }

    /// Gives the image of a folder another name.
    pub(crate) fn rename(&mut self, folder: &str, image: &str) {
        for entry in self.0.iter_mut().filter(|entry| entry.name == folder) {
            entry.image = canonical_name(image);
        }
    }

    pub(crate) fn contains(&self, folder: &str) -> bool {
        self.0.iter().any(|entry| entry.name == folder)
    }

    /// Finds the image, or the builder of the image, that a reference in the Dockerfile of `from` means, whatever its tag.
    ///
    /// If the name of the image has been changed to that of another one, the other one is meant.
    pub(crate) fn find(&self, text: &str, from: &str) -> Option<Found> {
        let reference = Reference::parse(text).ok()?;
        let canonical = reference.canonical();
        let name = canonical.name();
        let folder = |image: &str| {
            let matching = || self.0.iter().filter(|entry| entry.image.as_deref() == Some(image));
            matching().find(|entry| entry.name != from).or_else(|| matching().next())
        };
        // docker/dev-builder/ comes before the builder of docker/dev/.
        if let Some(Folder { name, .. }) = folder(name) {
            return Some(Found { folder: name.clone(), reference, is_builder: false });
        }
        let Folder { name, .. } = folder(name.strip_suffix(BUILDER_SUFFIX)?)?;
        Some(Found { folder: name.clone(), reference, is_builder: true })
    }
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
