//! Finds the root of the project that contains the working folder.

use std::env;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::trust::Trust;

/// The path of the configuration in a project.
pub(crate) const CONFIG: &str = "docker/dockerutils.cfg";

/// The search upwards from a folder.
struct Search<'a> {
    /// The folder where it starts, without symbolic links.
    from: &'a Path,
    /// The user's home folder, without symbolic links. As `/`, it is a project only with a configuration: anything may
    /// have left a docker/ there, and everything that the user has lies below it.
    home: Option<PathBuf>,
}

/// Finds the root of the project of the working folder, and checks that the caller can trust it.
///
/// The root is named as the user's shell names it, so that a symbolic link in the path stays in what is echoed.
///
/// # Errors
/// Fails if the working folder is not in a project, or if the project belongs to another user.
pub(crate) fn find_root(home: &str, trust: &Trust) -> Result<PathBuf, Error> {
    let from = env::current_dir().map_err(Error::NoWorkingFolder)?;
    let search = Search { from: &from, home: Path::new(home).canonicalize().ok() };
    let root = search.run()?;
    trust.check_project(root)?;
    Ok(name_in_shell(root))
}

impl<'a> Search<'a> {
    fn run(&self) -> Result<&'a Path, Error> {
        let device = |folder: &Path| folder.metadata().map(|found| found.dev());
        let start = device(self.from).map_err(Error::NoWorkingFolder)?;
        let mut passed_over = Vec::new();
        for folder in self.from.ancestors() {
            if device(folder).ok() != Some(start) {
                let border = Some(folder.to_owned());
                return Err(Error::NoProject { from: self.from.to_owned(), passed_over, border });
            }
            if self.is_root(folder) {
                return Ok(folder);
            }
            if folder.join("docker").is_dir() {
                passed_over.push(folder.join("docker"));
            }
        }
        Err(Error::NoProject { from: self.from.to_owned(), passed_over, border: None })
    }

    fn is_root(&self, folder: &Path) -> bool {
        let needs_config = folder.parent().is_none() || self.home.as_deref() == Some(folder);
        folder.join(CONFIG).symlink_metadata().is_ok() || (!needs_config && has_dockerfile(folder))
    }
}

/// Returns whether docker/ in this folder has a sub-folder with a Dockerfile.
fn has_dockerfile(folder: &Path) -> bool {
    // A docker/ that cannot be read has no image that could be built.
    let entries = folder.join("docker").read_dir().into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.path().join("Dockerfile").is_file())
}

/// Returns a folder above the working folder by the name that the user's shell has for it.
fn name_in_shell(root: &Path) -> PathBuf {
    // PWD is an ordinary variable, and stale if a parent process changed its folder without updating it.
    let named = env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute()).unwrap_or_default();
    let is_root = |folder: &&Path| folder.canonicalize().is_ok_and(|folder| folder == root);
    named.ancestors().find(is_root).unwrap_or(root).to_owned()
}

/// Returns whether a folder is the working folder.
pub(crate) fn is_working_folder(folder: &Path) -> bool {
    let same = || -> io::Result<bool> { Ok(folder.canonicalize()? == env::current_dir()?) };
    same().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Returns the root that is found from `from`, relative to a folder that has these files.
    fn found(files: &[&str], home: &str, from: &str) -> Result<String, Vec<String>> {
        let temp = tempfile::tempdir().unwrap();
        let base = temp.path().canonicalize().unwrap();
        for file in files {
            fs::create_dir_all(base.join(file).parent().unwrap()).unwrap();
            fs::write(base.join(file), "").unwrap();
        }
        fs::create_dir_all(base.join(from)).unwrap();
        let from = base.join(from);
        let search = Search { from: &from, home: Some(base.join(home)) };
        let relative = |path: &Path| path.strip_prefix(&base).unwrap().to_str().unwrap().to_owned();
        match search.run() {
            Ok(root) => Ok(relative(root)),
            Err(Error::NoProject { passed_over, .. }) => {
                Err(passed_over.iter().map(|path| relative(path)).collect())
            }
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_project_has_a_configuration_or_an_image() {
        let config = "h/p/docker/dockerutils.cfg";
        let image = "h/p/docker/dev/Dockerfile";
        let project = || Ok("h/p".to_owned());
        assert_eq!(found(&[config], "h", "h/p"), project());
        assert_eq!(found(&[image], "h", "h/p/a/b"), project());
        // A Python package, a compose file, a Dockerfile beside the folders.
        for other in ["h/p/src/docker/__init__.py", "h/p/src/docker/compose.yml", "h/p/src/docker/Dockerfile"]
        {
            assert_eq!(found(&[image, other], "h", "h/p/src"), project());
            assert_eq!(found(&[other], "h", "h/p/src"), Err(vec!["h/p/src/docker".to_owned()]));
        }
        // The nearest project counts, and a sub-folder that is called docker is not an image's.
        assert_eq!(
            found(&[image, "h/p/docker/docker/app/Dockerfile"], "h", "h/p/docker"),
            Ok("h/p/docker".to_owned())
        );
    }

    /// /dev/shm is a file system of its own.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_search_ends_at_the_border_of_the_file_system() {
        let temp = tempfile::tempdir_in("/dev/shm").unwrap();
        let found = Search { from: temp.path(), home: None }.run();
        let Err(Error::NoProject { border, .. }) = found else { panic!("{found:?}") };
        assert_eq!(border.as_deref(), Some(Path::new("/dev")));
    }

    #[test]
    fn the_home_folder_is_a_project_only_with_a_configuration() {
        assert_eq!(found(&["h/docker/web/Dockerfile"], "h", "h/x"), Err(vec!["h/docker".to_owned()]));
        assert_eq!(found(&["h/docker/dockerutils.cfg"], "h", "h/x"), Ok("h".to_owned()));
        assert_eq!(found(&["h/docker/web/Dockerfile"], "other", "h/x"), Ok("h".to_owned()));
    }
}
