//! What can be wrong with a project. Each says what, where, and what to do.

use std::path::PathBuf;

/// Why a project's conventions could not be followed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The working folder is in no project.
    #[error(
        "no project here: neither {} nor a folder above it has a docker/ folder; change into a project, or make \
         docker/IMAGE/Dockerfile to begin one", .from.display()
    )]
    NoProject {
        /// Where the search began.
        from: PathBuf,
    },
    /// The working folder itself is gone or may not be read.
    #[error("the working folder cannot be told: {0}")]
    NoWorkingFolder(std::io::Error),
    /// What stands in a command must be text.
    #[error("the project's path `{}` is not UTF-8: rename the folder", .root.display())]
    NotText {
        /// The path.
        root: PathBuf,
    },
    /// A file or folder of the project could not be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No such image.
    #[error("there is no image `{name}`{} ({})", hint(.nearest.as_deref()), list(.known))]
    NoImage {
        /// What was asked for.
        name: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// What there is.
        known: Vec<String>,
    },
    /// The image's folder has no Dockerfile.
    #[error(
        "docker/{name} has no Dockerfile: write docker/{name}/Dockerfile, or list `{name}` under synthetic_images"
    )]
    NoDockerfile {
        /// The image.
        name: String,
    },
    /// A synthetic image has nothing to build.
    #[error("`{name}` is a synthetic image, there is nothing to build{}", .of.as_ref().map(|of| format!(": build-image {of} makes what it runs")).unwrap_or_default())]
    NothingToBuild {
        /// The image.
        name: String,
        /// The image folder that it runs.
        of: Option<String>,
    },
    /// The folder's name has nothing that an image's name may hold.
    #[error(
        "the folder name `{name}` has no letter or digit that an image name may hold: rename it, or set `name` and prefix=False"
    )]
    NoName {
        /// The folder's name.
        name: String,
    },
    /// Images that start from each other.
    #[error("images start FROM each other, which cannot be built: {}", .0.join(" → "))]
    Cycle(Vec<String>),
    /// A name or tag on the command line that docker would refuse.
    #[error("{0}")]
    Reference(String),
    /// Something in docker/dockerutils.cfg.
    #[error(transparent)]
    Config(#[from] dockerutils_config::Error),
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

fn list(known: &[String]) -> String {
    match known {
        [] => "docker/ holds none yet".to_owned(),
        names => format!("docker/ has {}", names.join(", ")),
    }
}
