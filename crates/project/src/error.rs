//! Errors of a project, each with the place and the remedy.

use std::path::{Path, PathBuf};

use crate::trust::VARIABLE;

/// Why a command cannot use a project.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The working folder is not in a project.
    #[error(
        "no project here: neither {} nor a folder above it{} has docker/dockerutils.cfg or docker/IMAGE/Dockerfile{}; \
         change into a project, or create docker/IMAGE/Dockerfile to start one",
        .from.display(), below(.border.as_deref()), passed(.passed_over)
    )]
    NoProject {
        from: PathBuf,
        /// The docker/ folders that make no project.
        passed_over: Vec<PathBuf>,
        /// The first folder of another file system, where the search ended.
        border: Option<PathBuf>,
    },
    /// The project belongs to another user, whose scripts would run as the caller.
    #[error(
        "the project {} is not used, because {} belongs to {owner}; if you trust it, allow it with `export {VARIABLE}={}`",
        .root.display(), .path.display(), quoted(.root)
    )]
    ForeignProject { root: PathBuf, path: PathBuf, owner: String },
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
    #[error("there is no image `{name}`{} ({})", hint(.nearest.as_deref()), list(.docker, .known))]
    NoImage { name: String, nearest: Option<String>, docker: String, known: Vec<String> },
    /// The image's folder has no Dockerfile.
    #[error(
        "{docker}{name} has no Dockerfile: write {docker}{name}/Dockerfile, or list `{name}` under synthetic_images"
    )]
    NoDockerfile { docker: String, name: String },
    /// Two folders lead to one image.
    #[error(
        "docker/{first} and docker/{second} both make the image {reference}: rename a folder, or set `name` or `tag` under \
         [{second}] in docker/dockerutils.cfg"
    )]
    OneName { first: String, second: String, reference: Box<dockerutils_oci::Reference> },
    /// The folder's name has no character that an image's name may contain.
    #[error(
        "the folder name `{name}` has no letter or digit that an image name may hold: rename it, or set `name` and prefix=False"
    )]
    NoName { name: String },
    /// The name of a workspace is not valid.
    #[error("{0}")]
    WorkspaceName(String),
    /// Docker would refuse the name or tag of the command line.
    #[error("{0}")]
    Reference(String),
    /// An image gets the template as a secret, and there is none.
    #[error(
        "[{image}] has pip_conf=secret, but the project has no pip.conf.template: write one at the project's root"
    )]
    NoPipConfTemplate { image: String },
    /// The configuration is not valid.
    #[error("{0}")]
    Config(#[from] dockerutils_config::Error),
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

fn list(docker: &str, known: &[String]) -> String {
    match known {
        [] => format!("{docker} has no image yet"),
        names => format!("{docker} has {}", names.join(", ")),
    }
}

fn below(border: Option<&Path>) -> String {
    let below = |border: &Path| format!(" on its file system (below {})", border.display());
    border.map(below).unwrap_or_default()
}

fn passed(folders: &[PathBuf]) -> String {
    if folders.is_empty() {
        return String::new();
    }
    let names: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    // An image's folder is not enough in the home folder and in `/`.
    format!(" (passed over: {}; your home folder and / need a dockerutils.cfg)", names.join(", "))
}

pub(crate) fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    shlex::try_quote(&path).map_or_else(|_| path.clone().into_owned(), std::borrow::Cow::into_owned)
}
