//! The docker command that every verb starts from.

use dockerutils_command::Command;
use dockerutils_project::Project;

/// Returns a docker command without arguments that runs at the project's root, so that relative paths in flags mean the
/// same wherever the user is.
pub(crate) fn docker(project: &Project) -> Command {
    Command::new("docker").dir(project.root())
}
