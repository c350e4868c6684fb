//! Keeps a `pip.conf` at the project's root while a build lasts.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

const TEMPLATE: &str = "pip.conf.template";

/// The project's `pip.conf`, copied from `pip.conf.template`; dropping the value removes the file.
///
/// The file often contains a password, so it must not outlive the build.
#[derive(Debug)]
#[must_use = "pip.conf is removed when this is dropped"]
pub struct PipConf {
    path: PathBuf,
}

impl PipConf {
    /// Returns whether the project has a `pip.conf.template`.
    pub fn is_wanted(root: &Path) -> bool {
        root.join(TEMPLATE).exists()
    }

    /// Copies `pip.conf.template` to `pip.conf`. Returns `None` without a template, and if a `pip.conf` already exists.
    ///
    /// # Errors
    /// Fails if the template cannot be read, or if the copy cannot be written.
    pub fn from_template(root: &Path) -> Result<Option<Self>, Error> {
        let template = root.join(TEMPLATE);
        let path = root.join("pip.conf");
        let text = match fs::read(&template) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::File { path: template, source }),
        };
        // An existing pip.conf is the user's own. `create_new` leaves no time between the check and the creation.
        match File::create_new(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(source) => return Err(Error::File { path, source }),
        }
        // From here on the guard removes the file, also if writing it fails.
        let guard = PipConf { path };
        let failed = |source| Error::File { path: guard.path.clone(), source };
        let permissions = fs::metadata(&template).map_err(failed)?.permissions();
        fs::write(&guard.path, text)
            .and_then(|()| fs::set_permissions(&guard.path, permissions))
            .map_err(failed)?;
        Ok(Some(guard))
    }
}

impl Drop for PipConf {
    fn drop(&mut self) {
        // If the file has been removed already, there is nothing to do.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pip_conf_exists_as_long_as_the_guard() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("pip.conf.template"), "[global]\n").unwrap();
        let guard = PipConf::from_template(root.path()).unwrap();
        assert_eq!(fs::read_to_string(root.path().join("pip.conf")).unwrap(), "[global]\n");
        drop(guard);
        assert!(!root.path().join("pip.conf").exists());
    }

    #[test]
    fn the_users_own_pip_conf_is_not_touched() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("pip.conf.template"), "[global]\n").unwrap();
        fs::write(root.path().join("pip.conf"), "mine").unwrap();
        assert!(PipConf::from_template(root.path()).unwrap().is_none());
        assert_eq!(fs::read_to_string(root.path().join("pip.conf")).unwrap(), "mine");
    }
}
