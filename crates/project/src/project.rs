//! The project: the nearest folder upwards that has a `docker/` folder.

use std::env;
use std::path::{Path, PathBuf};

use dockerutils_config::{Config, Scope, nearest};

use crate::image::{Image, Kind};
use crate::{Error, User, name};

/// The configuration's path in a project.
const CONFIG: &str = "docker/dockerutils.cfg";

/// A project, its configuration read.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    name: String,
    user: User,
    docked: bool,
    config: Config,
}

impl Project {
    /// Finds the project of the working folder and reads its configuration.
    ///
    /// # Errors
    /// There is no project here, or its configuration is broken.
    pub fn find() -> Result<Self, Error> {
        let from = working_folder()?;
        let Some(root) = from.ancestors().find(|folder| folder.join("docker").is_dir()) else {
            return Err(Error::NoProject { from });
        };
        Project::at(root.to_path_buf())
    }

    /// The project at this root.
    ///
    /// # Errors
    /// Its configuration is broken, or its path is no UTF-8.
    pub fn at(root: PathBuf) -> Result<Self, Error> {
        if root.to_str().is_none() {
            return Err(Error::NotText { root });
        }
        let folder = root.file_name().unwrap_or_default().to_string_lossy();
        let name = name::image_component(&folder);
        let config = Config::read(&root.join(CONFIG), CONFIG)?;
        Ok(Project { name, user: User::current(), docked: is_docked(), config, root })
    }

    /// The folder that docker is run from.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Who calls.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Whether the terminal has been pointed at a dock.
    pub fn is_docked(&self) -> bool {
        self.docked
    }

    /// The root folder's name, as image names begin with it.
    ///
    /// # Errors
    /// Nothing of the folder's name may stand in an image's name.
    pub fn name(&self) -> Result<&str, Error> {
        if self.name.is_empty() {
            let folder = self.root.file_name().unwrap_or(self.root.as_os_str());
            return Err(Error::NoName { name: folder.to_string_lossy().into_owned() });
        }
        Ok(&self.name)
    }

    /// The placeholders that mean something everywhere in the project, and the environment.
    pub fn scope(&self) -> Scope<'static> {
        Scope::new(self.user.home.clone(), &|name| env::var(name).ok())
            .with("project_root", self.root.to_string_lossy())
            .with("project", self.name.clone())
            .with("user", self.user.tag())
    }

    /// The image of that name: a folder, or a synthetic one.
    ///
    /// # Errors
    /// There is none, its folder has no Dockerfile, its section is broken, or a synthetic one has no target.
    pub fn image(&self, name: &str) -> Result<Image<'_>, Error> {
        if self.config.synthetic_images().iter().any(|synthetic| synthetic == name) {
            return Image::new(self, name, Kind::Synthetic);
        }
        let folders = self.subfolders()?;
        if !folders.iter().any(|folder| folder == name) {
            let known: Vec<String> = self.image_names()?;
            let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            return Err(Error::NoImage { name: name.to_owned(), nearest, known });
        }
        if !self.has_dockerfile(name) {
            return Err(Error::NoDockerfile { name: name.to_owned() });
        }
        Image::new(self, name, Kind::Folder)
    }

    /// Every image that is built here: the sub-folders of docker/ that hold a Dockerfile, by name.
    ///
    /// # Errors
    /// docker/ cannot be read, or a section is broken.
    pub fn folder_images(&self) -> Result<Vec<Image<'_>>, Error> {
        let folders = self.subfolders()?;
        folders
            .iter()
            .filter(|name| self.has_dockerfile(name))
            .map(|name| Image::new(self, name, Kind::Folder))
            .collect()
    }

    fn image_names(&self) -> Result<Vec<String>, Error> {
        let mut names = self.subfolders()?;
        names.retain(|name| self.has_dockerfile(name));
        names.extend(self.config.synthetic_images());
        Ok(names)
    }

    fn has_dockerfile(&self, image: &str) -> bool {
        self.root.join("docker").join(image).join("Dockerfile").is_file()
    }

    fn subfolders(&self) -> Result<Vec<String>, Error> {
        let docker = self.root.join("docker");
        let failed = |source| Error::File { path: docker.clone(), source };
        let mut names = Vec::new();
        for entry in docker.read_dir().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.path().is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }
}

/// The working folder as the user's shell names it, so that a link in its path stays in what is shown.
fn working_folder() -> Result<PathBuf, Error> {
    let real = env::current_dir().map_err(Error::NoWorkingFolder)?;
    let named = env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    let same = |path: &PathBuf| path.canonicalize().ok() == real.canonicalize().ok();
    Ok(named.filter(same).unwrap_or(real))
}

/// `source dock NAME` sets both.
fn is_docked() -> bool {
    ["DOCKER_HOST", "DOCKER_IP"].iter().all(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
