//! Finds the project and reads its configuration.

use std::env;
use std::path::{Path, PathBuf};

use dockerutils_config::{Config, Scope};

use crate::error::Error;
use crate::legal_name;
use crate::user::User;

/// The path of the configuration in a project.
const CONFIG: &str = "docker/dockerutils.cfg";

/// A project: the nearest folder, upwards from the working folder, that has a `docker/` folder.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    name: String,
    user: User,
    is_docked: bool,
    config: Config,
}

impl Project {
    /// Finds the project of the working folder and reads its configuration. If `is_docked`, the keys with the suffix
    /// `_docked` replace their twins.
    ///
    /// # Errors
    /// Fails if the working folder is not in a project, or if the configuration is not valid.
    pub fn find(is_docked: bool) -> Result<Self, Error> {
        let from = working_folder()?;
        let Some(root) = from.ancestors().find(|folder| folder.join("docker").is_dir()) else {
            return Err(Error::NoProject { from });
        };
        Ok(Project { is_docked, ..Project::at(root.to_path_buf())? })
    }

    /// Opens the project with this root, for a terminal that is not docked.
    ///
    /// # Errors
    /// Fails if the configuration is not valid, or if the path is not UTF-8.
    pub fn at(root: PathBuf) -> Result<Self, Error> {
        if root.to_str().is_none() {
            return Err(Error::NotText { root });
        }
        let folder = root.file_name().unwrap_or_default().to_string_lossy();
        let name = legal_name::image_component(&folder);
        let config = Config::read(&root.join(CONFIG), CONFIG)?;
        Ok(Project { name, user: User::current(), is_docked: false, config, root })
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
        Scope::new(self.user.home.clone(), &|name| env::var(name).ok())
            .with("project_root", self.root.to_string_lossy())
            .with("project", self.name.clone())
            .with("user", self.user.tag())
    }
}

/// Returns the working folder by the name that the user's shell has for it, so that a symbolic link in the path stays in
/// what is echoed.
fn working_folder() -> Result<PathBuf, Error> {
    let real = env::current_dir().map_err(Error::NoWorkingFolder)?;
    let named = env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    // PWD is an ordinary variable, and stale if a parent process changed its folder without updating it.
    let is_same = |path: &PathBuf| path.canonicalize().ok() == real.canonicalize().ok();
    Ok(named.filter(is_same).unwrap_or(real))
}
