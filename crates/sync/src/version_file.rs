//! The version file of a versioneer project.
//!
//! The version is computed on this machine, where `.git` is, and written to `_version.py.bld`. On the dock, those contents
//! take the place of the `_version.py` that would run git there. The local `_version.py` does not change.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::version::Stamp;
use crate::{Error, ProjectSync};

/// The two files that hold a version, relative to the project's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionFile {
    /// The file that computes the version: `versionfile_source` in versioneer's settings.
    pub source: PathBuf,
    /// The file that the computed version was written to: `_version.py.bld`.
    pub built: PathBuf,
}

impl ProjectSync {
    /// Returns the path of the version file, and the time and size of the built version that takes its place on the dock.
    /// `None` if the project has no built version.
    pub(crate) fn built_version(&self) -> Result<Option<(PathBuf, Stamp)>, Error> {
        let Some(file) = &self.version_file else { return Ok(None) };
        let root = &self.workspace.root;
        if !file.is_contained() || !file.is_built(root) {
            return Ok(None);
        }
        let built = root.join(&file.built);
        let stat = nix::sys::stat::stat(&built).map_err(|errno| Error::io("read", &built)(errno.into()))?;
        Ok(Some((file.source.clone(), Stamp::of(&stat))))
    }
}

impl VersionFile {
    /// Returns whether the path in the settings stays within the project.
    pub(crate) fn is_contained(&self) -> bool {
        self.source.components().all(|part| matches!(part, Component::Normal(_)))
    }

    /// Returns whether both files exist below `root`.
    pub(crate) fn is_built(&self, root: &Path) -> bool {
        [&self.source, &self.built].iter().all(|path| root.join(path).is_file())
    }

    /// Fills the folder `stage` with nothing but the built version, under the path of the version file, so that rsync can
    /// merge it over the project.
    pub(crate) fn stage(&self, root: &Path, stage: &Path) -> Result<(), Error> {
        remove_folder(stage).map_err(Error::io("write", stage))?;
        let folders: Vec<&Path> = self.source.ancestors().skip(1).collect();
        for folder in folders.into_iter().rev() {
            copy_folder(&root.join(folder), &stage.join(folder))?;
        }
        copy_file(&root.join(&self.built), &stage.join(&self.source))
    }
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Creates a folder with the mode of another.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    // rsync copies the modes of folders too, and those of the stage win over the project's.
    let copy =
        || fs::create_dir_all(to).and_then(|()| fs::set_permissions(to, from.metadata()?.permissions()));
    copy().map_err(Error::io("write", to))
}

/// Copies a file with its mode and its time.
fn copy_file(from: &Path, to: &Path) -> Result<(), Error> {
    let text = dockerutils_file::read(from).map_err(Error::io("read", from))?;
    let copy = fs::write(to, text).and_then(|()| fs::set_permissions(to, from.metadata()?.permissions()));
    copy.map_err(Error::io("write", to))?;
    // rsync compares times: with a new one, the file would count as changed although the version is the same.
    let copy_time = || fs::File::options().write(true).open(to)?.set_modified(from.metadata()?.modified()?);
    copy_time().map_err(Error::io("write", to))
}
