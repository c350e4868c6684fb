//! The images as the engine has them.

use dockerutils_command::Runner;
use dockerutils_docker::InspectedImage;
use dockerutils_oci::Reference;
use dockerutils_project::{Image, Kind};

use crate::Result;
use crate::docker_calls::{DockerCallError, inspect_images};

/// The engine's record of each image; empty under a dry run.
#[derive(Debug, Default)]
pub(super) struct LocalImages(Vec<(Reference, InspectedImage)>);

impl LocalImages {
    /// Inspects the images. `name` is the one that the user gave in place of the project's.
    ///
    /// # Errors
    /// Returns [`DockerCallError::NoImage`] if the engine lacks one of them, and fails if docker fails.
    pub(super) fn inspect(images: &[Image], name: Option<&str>, runner: &Runner) -> Result<Self> {
        let references = images.iter().map(|image| Ok(image.reference()?)).collect::<Result<Vec<_>>>()?;
        let inspected = inspect_images(runner, &references)?;
        let mut local_images = Vec::new();
        for ((inspected, image), reference) in inspected.into_iter().zip(images).zip(references) {
            let Some(inspected) = inspected else {
                let remedy = remedy(image, &reference, name)?;
                return Err(DockerCallError::NoImage { name: reference.to_string(), remedy }.into());
            };
            local_images.push((reference, inspected));
        }
        Ok(LocalImages(local_images))
    }

    /// Returns what the engine knows about an image.
    pub(super) fn get(&self, reference: &Reference) -> Option<&InspectedImage> {
        self.0.iter().find(|(local, _)| local == reference).map(|(_, inspected)| inspected)
    }
}

/// Returns the command that builds or pulls the image under this very reference; `None` if there is no such command.
fn remedy(image: &Image, reference: &Reference, name: Option<&str>) -> Result<Option<String>> {
    // The image as its section defines it: `image` has the name and tag of the command line, which no folder has.
    let own = image.project().image(&image.name)?;
    let folder = match own.kind {
        Kind::Folder => Some(own),
        Kind::Synthetic => own.target()?,
    };
    let Some(folder) = folder.map(|folder| folder.with_overrides(name, None)) else {
        return Ok(name.is_none().then(|| format!("`docker pull {reference}` pulls it")));
    };
    // A synthetic image may have a tag of its own, which build-image does not use for the folder.
    let tag = reference.tag().filter(|_| folder.reference().ok().as_ref() != Some(reference));
    let flags = [("-i", name), ("-t", tag)].into_iter();
    let flags: String = flags.filter_map(|(flag, value)| Some(format!("{flag} {} ", value?))).collect();
    Ok(Some(format!("`build-image {flags}{}` makes it", folder.name)))
}
