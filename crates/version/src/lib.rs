//! The version record of a versioneer project.
//!
//! An image seldom holds `.git`, so the record is made before a build and written to [`FILE`] at the project's root. It
//! comes from the project's own versioneer.py, else from git by versioneer's rule. A project whose version cannot be
//! told is no error: the record then says `0+unknown`, as versioneer's does, and a note says why.

mod ask;
mod error;
mod file;
mod git;
mod parent;
mod python;
mod record;
mod settings;
mod style;

use std::path::Path;

use dockerutils_command::Runner;

pub use error::Error;
pub use file::{FILE, write};
pub use record::Record;
pub use settings::{Settings, uses_versioneer};

/// A project's version record, and what the user should hear about where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The record.
    pub record: Record,
    /// Sentences on who could not tell the version, and on what it is taken to be; mostly none.
    pub notes: Vec<String>,
}

/// The version of the project at `root`; nothing under a dry run, which asks nobody.
///
/// # Errors
/// A style that versioneer does not have, where git is asked; a signal that told us to stop.
pub fn record(root: &Path, settings: &Settings, runner: &Runner) -> Result<Option<Answer>, Error> {
    let mut notes = Vec::new();
    if python::has_versioneer(root) {
        match python::record(root, runner) {
            Ok(record) => return Ok(record.map(|record| Answer::of(record, notes))),
            Err(why) => {
                let why = why.unless_stopped()?;
                notes.push(format!(
                    "no version from versioneer.py ({why}): git is asked by versioneer's rule"
                ));
            }
        }
    }
    match git::record(root, &settings.tag_prefix, style::of(settings)?, runner) {
        Ok(record) => Ok(record.map(|record| Answer::of(record, notes))),
        Err(why) => {
            let why = why.unless_stopped()?;
            let record = parent::record(root, &settings.parentdir_prefix).unwrap_or_else(Record::unknown);
            notes.push(format!("no version from git ({why}): it is taken to be {}", record.version));
            Ok(Some(Answer { record, notes }))
        }
    }
}

impl Answer {
    fn of(record: Record, mut notes: Vec<String>) -> Self {
        if let Some(error) = &record.error {
            notes.push(format!("the version is taken to be {}: {error}", record.version));
        }
        Answer { record, notes }
    }
}
