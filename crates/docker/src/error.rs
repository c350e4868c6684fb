//! Why a command line for docker could not be made.

/// What is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something in docker/dockerutils.cfg.
    #[error(transparent)]
    Config(#[from] dockerutils_config::Error),
    /// Something about the project's images.
    #[error(transparent)]
    Project(#[from] dockerutils_project::Error),
    /// A value of the command line that docker would misread.
    #[error("{0}")]
    Usage(String),
    /// docker answered with something that is not what it documents.
    #[error("docker's answer was not understood: {0}")]
    Answer(#[from] serde_json::Error),
}
