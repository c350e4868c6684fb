//! Determines the version of a project that uses versioneer.
//!
//! An image seldom contains `.git`, so the version is determined before a build and written to [`FILE`] at the project's
//! root. It comes from the project's own `versioneer.py`, else from git by versioneer's rules. A project without a
//! determinable version is not an error: the record then contains `0+unknown`, as versioneer's does, and a note gives the
//! reason.

mod description;
mod determine;
mod error;
mod git;
mod parent_folder;
mod program_output;
mod python;
mod record;
mod settings;
mod style;
mod version_file;

pub use determine::{ProjectVersion, determine_version};
pub use error::Error;
pub use record::Record;
pub use settings::Settings;
pub use version_file::{FILE, write_record};
