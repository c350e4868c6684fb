//! `genversion`: writes the version file of a project that uses versioneer.

use dockerutils_project::Project;
use dockerutils_version::Error as VersionError;

use crate::Result;
use crate::ui::EchoArgs;
use crate::version_file::write_version_file;

/// Write _version.py.bld, which holds the project's version as versioneer computes it, for images without .git
#[derive(clap::Parser)]
#[command(name = "genversion", version, after_help = EXAMPLES)]
pub struct Args {
    /// Print the commands that would run, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: EchoArgs,
}

const EXAMPLES: &str = "\
Example:
  genversion                          writes _version.py.bld at the project's root
  In a Dockerfile: COPY _version.py.bld /app/mypackage/_version.py";

/// Runs the command.
///
/// # Errors
/// Fails if there is no project, if the project does not use versioneer, or if the version file cannot be written.
pub fn run(args: &Args) -> Result {
    let project = Project::find(false)?;
    let is_written = write_version_file(&project, &args.echo.runner(args.dry_run))?;
    if is_written { Ok(()) } else { Err(VersionError::NotUsed.into()) }
}
