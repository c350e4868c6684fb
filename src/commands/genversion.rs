//! Writes the version file of a project that uses versioneer.

use crate::version_file::write_version_file;
use crate::{Error, Result};
use dockerutils_command::Runner;
use dockerutils_project::Project;

/// Write _version.py.bld, the project's version as versioneer tells it, for images that have no .git
#[derive(clap::Parser)]
#[command(name = "genversion", version, after_help = EXAMPLES)]
pub struct Args {
    /// Show what would be run, and write nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Example:
  genversion                          writes _version.py.bld at the project's root
  In a Dockerfile: COPY _version.py.bld /app/mypackage/_version.py";

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    let project = Project::find()?;
    match write_version_file(project.root(), &Runner::new(args.dry_run))? {
        true => Ok(()),
        false => Err(Error::NoVersioneer),
    }
}
