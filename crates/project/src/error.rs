//! Errors of a project, each with the place and the remedy.

use std::path::PathBuf;

/// Why a command cannot use a project.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The working folder is not in a project.
    #[error(
        "no project here: neither {} nor a folder above it has a docker/ folder; change into a project, or create \
         docker/IMAGE/Dockerfile to start one", .from.display()
    )]
    NoProject { from: PathBuf },
    /// The working folder has been removed, or may not be read.
    #[error("the working folder cannot be determined: {0}")]
    NoWorkingFolder(#[source] std::io::Error),
    /// The path of the project is not UTF-8, but has to become part of docker's arguments.
    #[error("the project's path `{}` is not UTF-8: rename the folder", .root.display())]
    NotText { root: PathBuf },
    /// A file or folder of the project cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// The image does not exist.
    #[error("there is no image `{name}`{} ({})", hint(.nearest.as_deref()), list(.known))]
    NoImage { name: String, nearest: Option<String>, known: Vec<String> },
    /// The image's folder has no Dockerfile.
    #[error(
        "docker/{name} has no Dockerfile: write docker/{name}/Dockerfile, or list `{name}` under synthetic_images"
    )]
    NoDockerfile { name: String },
    /// The folder's name has no character that an image's name may contain.
    #[error(
        "the folder name `{name}` has no letter or digit that an image name may hold: rename it, or set `name` and prefix=False"
    )]
    NoName { name: String },
    /// Docker would refuse the name or tag of the command line.
    #[error("{0}")]
    Reference(String),
    /// The configuration is not valid.
    #[error("{0}")]
    Config(#[from] dockerutils_config::Error),
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

fn list(known: &[String]) -> String {
    match known {
        [] => "docker/ has no image yet".to_owned(),
        names => format!("docker/ has {}", names.join(", ")),
    }
}
