//! The version file of a versioneer project.
//!
//! The version is computed on this machine, where `.git` is, and written to `_version.py.bld`. On the dock, those contents
//! take the place of the `_version.py` that would run git there. The local `_version.py` does not change.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use dockerutils_command::Runner;

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
    /// Creates a folder that contains only the built version, under the path of the version file, for rsync to merge
    /// over the project. Returns `None` if the project has no version file or no built version.
    ///
    /// A dry run only returns the folder's path.
    pub(crate) fn stage_version(&self, runner: &Runner) -> Result<Option<PathBuf>, Error> {
        let Some(version_file) = self.replaceable_version_file() else { return Ok(None) };
        let stage = self.record_path("version");
        if !runner.is_dry_run() {
            self.write_stage(&stage, version_file)?;
        }
        Ok(Some(stage.join("")))
    }

    fn write_stage(&self, stage: &Path, version_file: &VersionFile) -> Result<(), Error> {
        remove_folder(stage).map_err(Error::io("write", stage))?;
        let folders: Vec<&Path> = version_file.source.ancestors().skip(1).collect();
        for folder in folders.into_iter().rev() {
            let (from, to) = (self.root.join(folder), stage.join(folder));
            // rsync copies the modes of folders too, and those of the stage win over the project's.
            let copy = || {
                fs::create_dir_all(&to)
                    .and_then(|()| fs::set_permissions(&to, from.metadata()?.permissions()))
            };
            copy().map_err(Error::io("write", &to))?;
        }
        let (from, to) = (self.root.join(&version_file.built), stage.join(&version_file.source));
        fs::copy(&from, &to).map_err(Error::io("write", &to))?;
        // rsync compares times: with a new one, the file would count as changed although the version is the same.
        let copy_time =
            || fs::File::options().write(true).open(&to)?.set_modified(from.metadata()?.modified()?);
        copy_time().map_err(Error::io("write", &to))
    }

    /// Returns the path of the version file, whether it exists or not. `sync-down` never fetches it.
    pub(crate) fn version_source(&self) -> Option<&Path> {
        self.contained_version_file().map(|version_file| version_file.source.as_path())
    }

    /// Returns the version file if both it and the built version exist.
    fn replaceable_version_file(&self) -> Option<&VersionFile> {
        let is_file = |path: &Path| self.root.join(path).is_file();
        self.contained_version_file().filter(|file| is_file(&file.source) && is_file(&file.built))
    }

    fn contained_version_file(&self) -> Option<&VersionFile> {
        self.version_file.as_ref().filter(|file| is_contained(&file.source))
    }
}

/// Whether a relative path stays below the folder that it is joined to.
fn is_contained(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
