//! `pip.conf` for as long as a build lasts.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::Error;

const TEMPLATE: &str = "pip.conf.template";

/// The project's `pip.conf`, made from `pip.conf.template`; it is removed when this value is dropped.
///
/// It often holds a password, so it must be gone after the build, whatever ended it.
#[derive(Debug)]
#[must_use = "pip.conf is removed when this is dropped"]
pub struct PipConf {
    path: PathBuf,
}

impl PipConf {
    /// Whether there is a `pip.conf.template`.
    pub fn is_wanted(root: &Path) -> bool {
        root.join(TEMPLATE).exists()
    }

    /// Copies `pip.conf.template` to `pip.conf`. Without a template, or where a `pip.conf` is there already, there is
    /// nothing to guard.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn from_template(root: &Path) -> Result<Option<Self>, Error> {
        let template = root.join(TEMPLATE);
        let path = root.join("pip.conf");
        let text = match fs::read(&template) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::File { path: template, source }),
        };
        match File::create_new(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(source) => return Err(Error::File { path, source }),
        }
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
        // Removed by somebody else already: what we want.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lasts_as_long_as_the_guard() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("pip.conf.template"), "[global]\n").unwrap();
        let guard = PipConf::from_template(root.path()).unwrap();
        assert_eq!(fs::read_to_string(root.path().join("pip.conf")).unwrap(), "[global]\n");
        drop(guard);
        assert!(!root.path().join("pip.conf").exists());
    }

    #[test]
    fn a_pip_conf_of_the_users_own_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("pip.conf.template"), "[global]\n").unwrap();
        fs::write(root.path().join("pip.conf"), "mine").unwrap();
        assert!(PipConf::from_template(root.path()).unwrap().is_none());
        assert_eq!(fs::read_to_string(root.path().join("pip.conf")).unwrap(), "mine");
    }
}
