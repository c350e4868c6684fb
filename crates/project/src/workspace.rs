//! The project's copy on a dock.

use std::path::PathBuf;

use crate::error::Error;
use crate::project::Project;
use crate::secret_folders::secret_patterns;

/// The folder of all workspaces on a dock.
const BASE: &str = "/data/workspaces";

/// A project's folder on this machine and on a dock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The project's root on this machine.
    pub root: PathBuf,
    /// The folder of all workspaces on the dock.
    pub base: String,
    /// The path of the workspace on the dock.
    pub path: String,
}

impl Project {
    /// Returns the project's workspace, which has the same path on every dock.
    ///
    /// # Errors
    /// Fails if the project has no valid name.
    pub fn workspace(&self) -> Result<Workspace, Error> {
        // The last part is the project's name as images have it, so that `{project}` in a configuration leads there.
        let path = format!("{BASE}/{}/code/{}", self.user().tag(), self.name()?);
        Ok(Workspace { root: self.root().to_path_buf(), base: BASE.to_owned(), path })
    }
}

impl Workspace {
    /// Returns the patterns, as in an ignore file, of what never leaves this machine: the user's keys and passwords, if
    /// the project contains the home folder.
    pub fn secrets(&self) -> &'static [&'static str] {
        secret_patterns(&self.root)
    }

    /// Returns the folder of one user's workspaces: the one folder that a user needs in the folder of all workspaces,
    /// which may be a colleague's.
    pub fn user_folder(&self) -> String {
        let below = self.path.strip_prefix(&self.base).unwrap_or_default();
        match below.trim_start_matches('/').split_once('/') {
            Some((user, _)) => format!("{}/{user}", self.base),
            None => self.path.clone(),
        }
    }

    /// Returns the name of the workspace's own folder.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}
