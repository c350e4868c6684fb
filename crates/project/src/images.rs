//! Finds the images of a project: folders under docker/ with a Dockerfile, and synthetic images of the configuration.

use dockerutils_config::{MisspelledSection, nearest};
use dockerutils_oci::Reference;

use crate::error::Error;
use crate::image::{Image, Kind};
use crate::project::Project;

impl Project {
    /// Returns the image of that name, a folder or a synthetic image. `docker/NAME` is always the folder.
    ///
    /// # Errors
    /// Fails if there is no such image, if its folder has no Dockerfile, if its section is not valid, if another folder
    /// leads to the same image, or if a synthetic image has no target.
    pub fn image(&self, name: &str) -> Result<Image<'_>, Error> {
        if let Some(folder) = name.strip_prefix("docker/") {
            return self.existing_folder(folder.trim_end_matches('/'));
        }
        if self.config().synthetic_images().iter().any(|synthetic| synthetic == name) {
            return Image::new(self, name, Kind::Synthetic);
        }
        self.existing_folder(name)
    }

    fn existing_folder(&self, name: &str) -> Result<Image<'_>, Error> {
        // The name is compared with the folders' names, not joined to a path, because it may contain `..`.
        if !self.subfolders()?.iter().any(|folder| folder == name) {
            let known = self.image_names()?;
            let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            return Err(Error::NoImage {
                name: name.to_owned(),
                nearest,
                docker: self.shown_docker(),
                known,
            });
        }
        if !self.is_image_folder(name) {
            return Err(Error::NoDockerfile { docker: self.shown_docker(), name: name.to_owned() });
        }
        self.folder_image(name)
    }

    /// Returns the image of a folder, also if a synthetic image has the same name.
    ///
    /// # Errors
    /// Fails if the section is not valid, or if another folder leads to the same image.
    pub fn folder_image(&self, folder: &str) -> Result<Image<'_>, Error> {
        let image = self.described_image(folder)?;
        // A name that is not valid is reported where it is needed.
        if let Ok(reference) = image.reference()
            && let Some(other) = self.folder_of(&reference, folder)
        {
            let (first, second) = if *folder < *other { (folder, &*other) } else { (&*other, folder) };
            let (first, second) = (first.to_owned(), second.to_owned());
            return Err(Error::OneName { first, second, reference: Box::new(reference) });
        }
        Ok(image)
    }

    /// Returns the image of a folder as its section describes it, also if another folder leads to the same image.
    ///
    /// # Errors
    /// Fails if the section is not valid.
    pub fn described_image(&self, folder: &str) -> Result<Image<'_>, Error> {
        Image::new(self, folder, Kind::Folder)
    }

    /// Returns a folder other than `own` whose image has this reference. Folders that cannot be evaluated are left out.
    fn folder_of(&self, reference: &Reference, own: &str) -> Option<String> {
        let has_reference = |folder: &String| {
            folder != own && self.folder_reference(folder).is_ok_and(|other| other == *reference)
        };
        self.image_folders().ok()?.into_iter().find(has_reference)
    }

    /// Returns a folder other than `own` whose image has the name of this reference, with any tag: a flag may give it that of
    /// the reference.
    pub fn folder_named_as(&self, reference: &Reference, own: &str) -> Option<String> {
        let has_name = |folder: &String| {
            folder != own && self.folder_reference(folder).is_ok_and(|other| other.name() == reference.name())
        };
        self.image_folders().ok()?.into_iter().find(has_name)
    }

    /// Returns the error for a name that stands for images of the project if it has none.
    pub fn no_image(&self, name: &str) -> Error {
        let docker = self.shown_docker();
        Error::NoImage { name: name.to_owned(), nearest: None, docker, known: Vec::new() }
    }

    /// Returns every image that has a folder, in name order.
    ///
    /// # Errors
    /// Fails if docker/ cannot be read, or if a section is not valid.
    pub fn folder_images(&self) -> Result<Vec<Image<'_>>, Error> {
        self.image_folders()?.iter().map(|folder| self.folder_image(folder)).collect()
    }

    /// Returns the names of all images, those of folders first, without evaluating their sections.
    ///
    /// # Errors
    /// Fails if docker/ cannot be read.
    pub fn image_names(&self) -> Result<Vec<String>, Error> {
        let mut names = self.image_folders()?;
        names.extend(self.config().synthetic_images());
        Ok(names)
    }

    /// Returns the names of the folders under docker/ that are images, in order, without evaluating their sections.
    ///
    /// # Errors
    /// Fails if docker/ cannot be read.
    pub fn image_folders(&self) -> Result<Vec<String>, Error> {
        let mut names = self.subfolders()?;
        names.retain(|name| self.is_image_folder(name));
        Ok(names)
    }

    /// Returns the sections of the configuration whose name is nearly that of an image.
    pub fn misspelled_sections(&self) -> Vec<MisspelledSection> {
        // Every folder counts: an image can be run without a Dockerfile, and a script may create it.
        let mut images = self.subfolders().unwrap_or_default();
        images.extend(self.config().synthetic_images());
        self.config().misspelled_sections(&images)
    }

    /// Returns whether a folder under docker/ has a Dockerfile, or a script that may create it before the build.
    fn is_image_folder(&self, name: &str) -> bool {
        let folder = self.root().join("docker").join(name);
        // A FIFO or a dangling link counts too, so that its reader reports what it is.
        folder.join("Dockerfile").symlink_metadata().is_ok_and(|found| !found.is_dir())
            || (self.config().has_pre_build_script(name, self.is_docked()) && folder.is_dir())
    }

    fn subfolders(&self) -> Result<Vec<String>, Error> {
        let docker = self.root().join("docker");
        let failed = |source| Error::File { path: docker.clone(), source };
        let mut names = Vec::new();
        for entry in docker.read_dir().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.path().is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        // The system returns the entries in no defined order.
        names.sort();
        Ok(names)
    }
}
