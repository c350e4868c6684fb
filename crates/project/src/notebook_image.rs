//! The image that `run-notebook` runs.

use dockerutils_config::ImageName;

use crate::error::Error;
use crate::image::{Image, Kind};
use crate::project::Project;

/// The name of the folder under docker/, and of the section.
const NOTEBOOK: &str = "notebook";

/// The image of a project that has none of its own: one of the Jupyter project's, with a date, so that it stays the same.
const STOCK: &str = "quay.io/jupyter/scipy-notebook:2024-10-07";

/// The image that `run-notebook` runs.
#[derive(Debug)]
pub enum NotebookImage<'p> {
    /// `docker/notebook`, or the image of the folder that the section `[notebook]` names; `folder` has to be built.
    Built {
        /// The image to run.
        image: Image<'p>,
        /// The folder under docker/ to build.
        folder: String,
    },
    /// An image from elsewhere that the section `[notebook]` names.
    Configured(Image<'p>),
    /// The image of `notebook_image`, or the default one.
    Stock(Image<'p>),
}

impl<'p> NotebookImage<'p> {
    /// Returns the image.
    pub fn image(&self) -> &Image<'p> {
        match self {
            NotebookImage::Built { image, .. }
            | NotebookImage::Configured(image)
            | NotebookImage::Stock(image) => image,
        }
    }
}

impl Project {
    /// Returns the image of the project's notebook: `docker/notebook`, else that of a section `[notebook]` with `name`, else
    /// the stock image, to which the other keys of the section apply. With `gpu` the stock image is that for GPUs.
    ///
    /// # Errors
    /// Fails if the section is not valid, or if a name is not a valid reference.
    pub fn notebook_image(&self, gpu: bool) -> Result<NotebookImage<'_>, Error> {
        if self.image_folders().is_ok_and(|folders| folders.iter().any(|folder| folder == NOTEBOOK)) {
            let (image, folder) = (self.folder_image(NOTEBOOK)?, NOTEBOOK.to_owned());
            return Ok(NotebookImage::Built { image, folder });
        }
        let ImageName { name, .. } = self.config().image_name(NOTEBOOK, self.is_docked())?;
        if name.is_none() {
            return Ok(NotebookImage::Stock(self.stock_image(gpu)?));
        }
        let image = Image::new(self, NOTEBOOK, Kind::Synthetic)?;
        let target = image.target()?.map(|target| target.name);
        Ok(match target {
            Some(folder) => NotebookImage::Built { image, folder },
            None => NotebookImage::Configured(image),
        })
    }

    fn stock_image(&self, gpu: bool) -> Result<Image<'_>, Error> {
        let section = self.config().image(NOTEBOOK, self.is_docked())?;
        let image = Image::with_section(self, NOTEBOOK, Kind::Synthetic, section);
        let Some(value) = self.config().notebook_image(gpu) else {
            return Ok(image.with_overrides(Some(STOCK), None));
        };
        let name = value.public_word(&self.scope(), &[])?.text();
        let reference =
            dockerutils_oci::Reference::parse(&name).map_err(|problem| value.error(problem.to_string()))?;
        Ok(image.with_overrides(Some(&reference.or_latest().to_string()), None))
    }
}
