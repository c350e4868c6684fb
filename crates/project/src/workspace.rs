//! The project's copy on a dock.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::origin::Origin;
use crate::project::Project;
use crate::secret_folders::secret_patterns;
use crate::user::User;

/// The folder of all workspaces on a dock.
const BASE: &str = "/data/workspaces";

/// A project's folder on this machine and on a dock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The project's root on this machine.
    pub root: PathBuf,
    /// The folder on the dock that its user has to be able to write to: that of all workspaces, or a configured one.
    pub base: String,
    /// The path of the workspace on the dock.
    pub path: String,
}

impl Project {
    /// Returns the project's workspace on a dock: the one called `name`, else that of the key `workspace`, else the one
    /// with the project's name.
    ///
    /// # Errors
    /// Fails if the project has no valid name, or if the name or path of the workspace is not valid.
    pub fn workspace(&self, name: Option<&str>) -> Result<Workspace, Error> {
        let name = match (name, self.config().workspace()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(value)) => {
                let text = value.public_word(&self.scope(), &[])?.text();
                check_name(&text).map_err(|problem| value.error(problem))?;
                text
            }
            // The project's name as images have it, so that `{project}` in a configuration leads there.
            (None, None) => self.name()?.to_owned(),
        };
        check_name(&name).map_err(Error::WorkspaceName)?;
        let root = self.root().to_path_buf();
        if name.starts_with('/') {
            return Ok(Workspace { root, base: name.clone(), path: name });
        }
        let path = format!("{}/code/{name}", workspaces_of(self.user()));
        Ok(Workspace { root, base: BASE.to_owned(), path })
    }
}

/// Returns the folder on a dock of the workspaces of a user of this machine, except those with a configured path.
pub fn workspaces_of(user: &User) -> String {
    format!("{BASE}/{}", user.tag())
}

impl Workspace {
    /// Returns a name that no other workspace of this user has: that of its own folder, or the whole path if it is not
    /// in the folder of all workspaces.
    pub fn name(&self) -> String {
        if self.path == self.base {
            return self.path.replace('/', "+");
        }
        self.path.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Returns whether a path of the dock is the workspace, or is in it.
    pub fn contains(&self, path: &str) -> bool {
        Path::new(path).starts_with(&self.path)
    }

    /// Returns the folder of this machine that the workspace is a copy of.
    pub fn origin(&self) -> Origin {
        Origin::of(&self.root)
    }

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
}

/// Checks a name for a folder beside those of other projects, or an absolute path.
fn check_name(name: &str) -> Result<(), String> {
    let is_plain = |part: &str| {
        part.chars().all(|c| c.is_alphanumeric() || "._-+@ ".contains(c)) && !matches!(part, "" | "." | "..")
    };
    let is_valid = match name.strip_prefix('/') {
        Some(path) => path.split('/').all(is_plain),
        None => is_plain(name) && !name.starts_with(['.', '-', ' ']),
    };
    if is_valid {
        return Ok(());
    }
    Err(format!(
        "`{name}` is not a valid workspace: expected a name of letters, digits, `.`, `_` and `-`, or an absolute path on the dock"
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn project(config: &str) -> (tempfile::TempDir, Project) {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("Proj");
        fs::create_dir_all(root.join("docker")).unwrap();
        fs::write(root.join("docker/dockerutils.cfg"), config).unwrap();
        (temp, Project::at(root).unwrap())
    }

    #[test]
    fn a_workspace_is_called_as_the_project_the_key_or_the_command_line_wants() {
        let code =
            |project: &Project, name: &str| format!("/data/workspaces/{}/code/{name}", project.user().tag());
        let path = |project: &Project, name| project.workspace(name).map(|found| found.path).ok();
        let (_temp, plain) = project("");
        assert_eq!(path(&plain, None), Some(code(&plain, "proj")));
        assert_eq!(path(&plain, Some("second")), Some(code(&plain, "second")));
        let (_temp, named) = project("[run_image]\nworkspace={project}-b\n");
        assert_eq!(path(&named, None), Some(code(&named, "proj-b")));
        assert_eq!(path(&named, Some("second")), Some(code(&named, "second")));
        let (_temp, elsewhere) = project("[run_image]\nworkspace=/scratch/me/{project}\n");
        let found = elsewhere.workspace(None).unwrap();
        assert_eq!((found.path.as_str(), found.base.as_str()), ("/scratch/me/proj", "/scratch/me/proj"));
        // Their states must not be mixed.
        assert_ne!(found.name(), plain.workspace(None).unwrap().name());
        for wrong in ["", ".", "..", "a/b", ".hidden", "-x", "/", "/a/../b", "a\n", "/a//b", "a'b"] {
            assert!(plain.workspace(Some(wrong)).is_err(), "{wrong:?}");
        }
        let (_temp, wrong) = project("[run_image]\nworkspace=a/b\n");
        let error = wrong.workspace(None).unwrap_err().to_string();
        assert!(error.contains("dockerutils.cfg:2: `workspace`: `a/b` is not a valid workspace"), "{error}");
    }
}
