//! Chooses the source of a version: versioneer.py, git, or the name of a folder.

use std::path::Path;

use dockerutils_command::Runner;

use crate::style::Style;
use crate::{Error, Record, Settings, git, parent_folder, python};

/// A project's version, and notes for the user about how it was determined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectVersion {
    /// The version record.
    pub record: Record,
    /// Why a source was not used, and what is used instead; usually empty.
    pub notes: Vec<String>,
}

/// Determines the version of the project at `root`. A dry run echoes the commands and returns `None`.
///
/// # Errors
/// Fails if git is used and the settings name a style that versioneer does not have, or if a signal arrives.
pub fn determine_version(
    root: &Path,
    settings: &Settings,
    runner: &Runner,
) -> Result<Option<ProjectVersion>, Error> {
    let mut notes = Vec::new();
    if python::has_versioneer(root) {
        match python::read_record(root, runner) {
            Ok(record) => return Ok(record.map(|record| ProjectVersion::new(record, notes))),
            // An old versioneer.py fails under a new Python. That must not stop a build.
            Err(error) => {
                let error = error.unless_interrupted()?;
                notes.push(format!("versioneer.py failed ({error}): using git with versioneer's rules"));
            }
        }
    }
    let style = Style::of(settings)?;
    match git::read_record(root, &settings.tag_prefix, style, runner) {
        Ok(record) => Ok(record.map(|record| ProjectVersion::new(record, notes))),
        Err(error) => {
            let error = error.unless_interrupted()?;
            let record =
                parent_folder::read_record(root, &settings.parentdir_prefix).unwrap_or_else(Record::unknown);
            notes.push(format!("git failed ({error}): using version {}", record.version));
            Ok(Some(ProjectVersion { record, notes }))
        }
    }
}

impl ProjectVersion {
    fn new(record: Record, mut notes: Vec<String>) -> Self {
        if let Some(error) = &record.error {
            notes.push(format!("using version {}: {error}", record.version));
        }
        ProjectVersion { record, notes }
    }
}
