//! `_version.py.bld`, for images without .git.

use dockerutils_command::Runner;
use dockerutils_project::Project;
use dockerutils_version::{Settings, determine_version, write_record};

use crate::{Result, ui};

/// The project's own versioneer, which is run to determine the version.
const VERSIONEER: &str = "versioneer.py";

/// Writes the version file of a project. Returns whether the project uses versioneer.
///
/// # Errors
/// Fails if the settings for versioneer are invalid, if another user could replace versioneer.py, if the file cannot be
/// written, or if a signal arrives.
pub(crate) fn write_version_file(project: &Project, runner: &Runner) -> Result<bool> {
    let root = project.root();
    let Some(settings) = Settings::of_project(root)? else { return Ok(false) };
    if let Some(fault) = project.trust().script_fault(&root.join(VERSIONEER)) {
        return Err(VersionFileError(fault).into());
    }
    if let Some(version) = determine_version(root, &settings, runner)? {
        version.notes.iter().for_each(ui::note);
        write_record(root, &version.record)?;
    }
    Ok(true)
}

/// The project's versioneer.py must not be run; the sentence contains the reason and the remedy.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct VersionFileError(String);
