//! `_version.py.bld`, for images that have no .git.

use std::path::Path;

use dockerutils_command::Runner;
use dockerutils_version::{record, uses_versioneer, write};

use crate::{Result, ui};

/// Writes the version file of a project that uses versioneer; answers whether it does.
///
/// # Errors
/// Its settings are broken, the file cannot be written, or we were told to stop.
pub(crate) fn write_version_file(root: &Path, runner: &Runner) -> Result<bool> {
    let Some(settings) = uses_versioneer(root)? else { return Ok(false) };
    if let Some(answer) = record(root, &settings, runner)? {
        answer.notes.iter().for_each(ui::note);
        write(root, &answer.record)?;
    }
    Ok(true)
}
