//! `_version.py.bld`, for images without .git.

use std::path::Path;

use dockerutils_command::Runner;
use dockerutils_version::{Settings, determine_version, write_record};

use crate::{Result, ui};

/// Writes the version file of the project at `root`. Returns whether the project uses versioneer.
///
/// # Errors
/// Fails if the settings for versioneer are invalid, if the file cannot be written, or if a signal arrives.
pub(crate) fn write_version_file(root: &Path, runner: &Runner) -> Result<bool> {
    let Some(settings) = Settings::of_project(root)? else { return Ok(false) };
    if let Some(version) = determine_version(root, &settings, runner)? {
        version.notes.iter().for_each(ui::note);
        write_record(root, &version.record)?;
    }
    Ok(true)
}
