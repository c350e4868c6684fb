//! A project: its configuration, whether its images can be built, what its builds send, and whom its files belong to.

mod context;
mod exclusion;
mod images;
mod owners;
mod private_keys;
mod secret_names;
mod secrets;
mod tokens;

use dockerutils_project::{Error, Project};
use dockerutils_sync::{Ignore, Tree, walk};

use crate::Finding;

pub use self::owners::{ForeignFiles, files_of_root, judge_owners};

/// The line that corrects a mistake in the configuration of the project that was not read; the evidence names its place.
const EDIT: &str = "${EDITOR:-vi} docker/dockerutils.cfg";

/// Judges the project of the working folder; nothing if there is none.
///
/// `project` is the result of [`Project::find`].
pub fn judge_project(project: &Result<Project, Error>) -> Vec<Finding> {
    let id = "project.configuration";
    let project = match project {
        Err(Error::NoProject { .. }) => return Vec::new(),
        Err(error) => {
            return vec![Finding::problem(id, error.to_string()).fix(EDIT)];
        }
        Ok(project) => project,
    };
    let mut findings = images::judge(project);
    findings.extend(match context_of(project) {
        Ok(tree) => vec![context::judge(project, &tree), secrets::judge(project, &tree)],
        Err(error) => {
            vec![Finding::problem("project.context", error.to_string()).fix("${EDITOR:-vi} .dockerignore")]
        }
    });
    findings
}

fn context_of(project: &Project) -> Result<Tree, dockerutils_sync::Error> {
    walk(project.root(), &Ignore::of_project(project.root())?)
}
