//! Errors of reading images from an engine or a file.

use std::io;
use std::path::PathBuf;

use dockerutils_oci::Platform;

use super::invalid_content::InvalidContent;
use super::sink::SinkError;

/// The reason why images could not be read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The engine does not have an image.
    #[error("this engine has no image `{0}`")]
    NoImage(String),
    /// The platform that was requested is not here, or several are meant.
    #[error("`{wanted}` is not one of the platforms that {image} has here: {}", list(existing))]
    NoPlatform { image: String, wanted: Platform, existing: Vec<Platform> },
    /// Docker failed; the message is its last line on standard error.
    #[error("`{command}` failed: {message}")]
    Docker { command: &'static str, message: String },
    /// This docker cannot save an image without layers.
    #[error(
        "docker cannot save an image without layers: run the command as root, which reads docker's own folder, or build the image on the host"
    )]
    NoLayers,
    /// Docker printed something else than it documents.
    #[error("the output of `{command}` cannot be read: {source}")]
    UnexpectedOutput { command: &'static str, source: serde_json::Error },
    /// A command could not be started, or the user has interrupted it.
    #[error("{0}")]
    Command(#[from] dockerutils_command::Error),
    /// The archive is broken, or is not an archive of the requested images.
    #[error("`docker save` wrote an invalid archive: {0}")]
    Archive(#[from] InvalidContent),
    /// Files of the engine's own store changed while they were read, or are damaged.
    #[error("the engine's own files of a layer have changed or are damaged: {0}")]
    Store(#[source] InvalidContent),
    /// A file of images cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// A file of images is broken.
    #[error("{} is not a file of images, as --bundle and `docker save` write them: {invalid}", path.display())]
    Bundle {
        path: PathBuf,
        #[source]
        invalid: InvalidContent,
    },
    /// What has to be read again, or came too early, cannot be kept.
    #[error("no temporary file can be written: {0} (TMPDIR sets the folder)")]
    Temporary(#[source] io::Error),
    /// The sink stopped the reading.
    #[error("{0}")]
    Sink(#[source] SinkError),
}

fn list(platforms: &[Platform]) -> String {
    platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
