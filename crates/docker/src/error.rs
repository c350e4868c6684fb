//! Errors of docker's command lines and of their results.

/// Why a command line for docker cannot be made, or why docker's output cannot be read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The configuration is not valid.
    #[error("{0}")]
    Config(#[from] dockerutils_config::Error),
    /// The project or one of its images is not valid.
    #[error("{0}")]
    Project(#[from] dockerutils_project::Error),
    /// A synthetic image cannot be built.
    #[error(
        "`{name}` is a synthetic image and has nothing to build{}",
        target.as_ref().map(|target| format!(": `build-image {target}` builds the image that it runs")).unwrap_or_default()
    )]
    NothingToBuild { name: String, target: Option<String> },
    /// A synthetic image cannot be removed.
    #[error(
        "`{name}` is a synthetic image and has nothing to remove{}",
        target.as_ref().map(|target| format!(": `build-image clean {target}` removes the image that it runs")).unwrap_or_default()
    )]
    NothingToRemove { name: String, target: Option<String> },
    /// Images need each other.
    #[error("images start FROM each other and cannot be built: {}", .0.join(" → "))]
    Cycle(Vec<String>),
    /// An argument of the command line cannot be passed to docker.
    #[error("{0}")]
    Argument(String),
    /// Docker's output is not in the documented format.
    #[error("docker's output is not in the documented format: {0}")]
    Output(#[from] serde_json::Error),
}
