//! Finds the project and reads its configuration.

use std::env;
use std::path::{Path, PathBuf};

use dockerutils_config::{Config, Scope};

use crate::discovery::{CONFIG, find_root, is_working_folder};
use crate::error::Error;
use crate::legal_name;
use crate::trust::Trust;
use crate::user::User;

/// A project: the nearest folder, upwards from the working folder, that has `docker/dockerutils.cfg` or
/// `docker/IMAGE/Dockerfile`.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    name: String,
    user: User,
    trust: Trust,
    is_docked: bool,
    config: Config,
}

impl Project {
    /// Finds the project of the working folder and reads its configuration. If `is_docked`, the keys with the suffix
    /// `_docked` replace their twins.
    ///
    /// # Errors
    /// Fails if the working folder is not in a project, if the project belongs to another user, or if the configuration
    /// is not valid.
    pub fn find(is_docked: bool) -> Result<Self, Error> {
        let (user, trust) = (User::current(), Trust::of_process());
        let root = find_root(user.home.as_deref().unwrap_or("/"), &trust)?;
        Ok(Project { is_docked, ..Project::new(root, user, trust)? })
    }

    /// Opens the project with this root, for a terminal that is not docked. Its owner is not checked.
    ///
    /// # Errors
    /// Fails if the configuration is not valid, or if the path is not UTF-8.
    pub fn at(root: PathBuf) -> Result<Self, Error> {
        Project::new(root, User::current(), Trust::of_process())
    }

    fn new(root: PathBuf, user: User, trust: Trust) -> Result<Self, Error> {
        // A project that is reached through a symbolic link is the same project.
        let real = root.canonicalize().unwrap_or_else(|_| root.clone());
        if root.to_str().is_none() || real.to_str().is_none() {
            return Err(Error::NotText { root });
        }
        let name = legal_name::image_component(&real.file_name().unwrap_or_default().to_string_lossy());
        let config = Config::read(&root.join(CONFIG), &shown(&root, CONFIG))?;
        Ok(Project { name, user, trust, is_docked: false, config, root })
    }

    /// Returns `docker/` for a message.
    pub(crate) fn shown_docker(&self) -> String {
        shown(&self.root, "docker/")
    }

    /// Returns whose scripts may be run.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Checks that the folder and the Dockerfile of an image do not belong to another user.
    ///
    /// # Errors
    /// Fails if they do, and the user has not allowed the project.
    pub fn check_image_owner(&self, folder: &str) -> Result<(), Error> {
        self.trust.check_image(&self.root, folder)
    }

    /// Returns the root, from which docker is run.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the calling user.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Returns whether the terminal has been pointed at a dock.
    pub fn is_docked(&self) -> bool {
        self.is_docked
    }

    /// Returns the name of the root folder in the form in which image names begin with it.
    ///
    /// # Errors
    /// Fails if the folder's name has no character that an image's name may contain.
    pub fn name(&self) -> Result<&str, Error> {
        if self.name.is_empty() {
            let folder = self.root.file_name().unwrap_or(self.root.as_os_str());
            return Err(Error::NoName { name: folder.to_string_lossy().into_owned() });
        }
        Ok(&self.name)
    }

    /// Returns the placeholders that are valid in every section, and the environment.
    pub fn scope(&self) -> Scope<'static> {
        let scope = Scope::new(&|name| env::var(name).ok());
        let scope = match &self.user.home {
            Some(home) => scope.with_home(home.clone()),
            None => scope,
        };
        scope
            .with("project_root", self.root.to_string_lossy())
            .with("project", self.name.clone())
            .with("user", self.user.tag())
    }
}

/// Returns a path of a project for a message: as it is in the root, and whole in any other working folder, so that it is
/// clear which project was meant.
fn shown(root: &Path, path: &str) -> String {
    if is_working_folder(root) { path.to_owned() } else { root.join(path).display().to_string() }
}
