//! The errors of `exec-image`.

use dockerutils_docker::{ListedContainer, ProjectContainer};

/// How many containers that have ended a message names.
const SHOWN: usize = 5;

/// Why there is no container to run a command in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecError {
    /// The image has no container that runs.
    #[error("no container of {image} runs: `run-image {image}` starts one{}", listed(.ended))]
    NoneRuns {
        image: String,
        /// Those that do not run, newest first.
        ended: Vec<String>,
    },
    /// The container with this name does not run.
    #[error("{name} does not run: {status}")]
    Ended { name: String, status: String },
    /// No container of the image has this name.
    #[error("{image} has no container {name}: `ls-image {image}` lists those that it has")]
    NotOfImage { name: String, image: String },
}

impl ExecError {
    pub(super) fn none_runs(image: &str, containers: &[ProjectContainer]) -> Self {
        let shown = |ListedContainer { name, status, .. }: &ListedContainer| format!("{name}: {status}");
        let ended = containers.iter().map(|one| shown(&one.container)).collect();
        ExecError::NoneRuns { image: image.to_owned(), ended }
    }
}

fn listed(ended: &[String]) -> String {
    match ended {
        [] => String::new(),
        [shown @ .., _] if shown.len() >= SHOWN => {
            format!(" (not running: {}, and {} more)", ended[..SHOWN].join("; "), ended.len() - SHOWN)
        }
        all => format!(" (not running: {})", all.join("; ")),
    }
}
