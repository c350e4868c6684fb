//! The version file: a versioneer project's version is known here, where .git is, and is told to the dock in the place of
//! the file that would ask git there. The file here stays as it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;

use crate::{Error, Sync};

/// What the version is written to, at the project's root.
const BUILT: &str = "_version.py.bld";

impl Sync {
    /// A folder with nothing but the version file, for rsync to prefer; nothing where the project has none.
    ///
    /// A dry run only names it.
    pub(crate) fn stage_version(&self, runner: &Runner) -> Result<Option<PathBuf>, Error> {
        let Some(version_file) = self.replaceable() else { return Ok(None) };
        let stage = self.file("version");
        if !runner.is_dry_run() {
            self.write_stage(&stage, version_file)?;
        }
        Ok(Some(stage.join("")))
    }

    /// Its folders are as open as the project's, since rsync takes that over too.
    fn write_stage(&self, stage: &Path, version_file: &Path) -> Result<(), Error> {
        clear(stage).map_err(Error::io("written", stage))?;
        let folders: Vec<&Path> = version_file.ancestors().skip(1).collect();
        for folder in folders.into_iter().rev() {
            let (from, to) = (self.root.join(folder), stage.join(folder));
            let copy = || {
                fs::create_dir_all(&to)
                    .and_then(|()| fs::set_permissions(&to, from.metadata()?.permissions()))
            };
            copy().map_err(Error::io("written", &to))?;
        }
        let (from, to) = (self.root.join(BUILT), stage.join(version_file));
        fs::copy(&from, &to).map_err(Error::io("written", &to))?;
        let times = || fs::File::options().write(true).open(&to)?.set_modified(from.metadata()?.modified()?);
        times().map_err(Error::io("written", &to))
    }

    /// The version file, whether it is there or not: it never comes back.
    pub(crate) fn versioned(&self) -> Option<&Path> {
        self.version_file.as_deref().filter(|path| is_below(path))
    }

    /// The version file, if it is there and there is something to put in its place.
    fn replaceable(&self) -> Option<&Path> {
        let is_file = |path: &Path| self.root.join(path).is_file();
        self.versioned().filter(|path| is_file(path) && is_file(Path::new(BUILT)))
    }
}

/// Whether a path cannot lead out of the folder that it is joined to.
fn is_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
