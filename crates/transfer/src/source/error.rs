//! What can go wrong between the local engine and the bytes of its layers.

use std::io;
use std::path::PathBuf;

use dockerutils_oci::Digest;

/// What a sink answers that takes no more.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Why images could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine has no such image.
    #[error("this engine has no image `{0}`")]
    NoImage(String),
    /// docker failed, in its own words.
    #[error("`{command}` failed: {words}")]
    Docker {
        /// The command, without its operands.
        command: &'static str,
        /// Its last line on standard error.
        words: String,
    },
    /// docker answered something else than was asked.
    #[error("what `{command}` answered cannot be read: {source}")]
    Answer {
        /// The command, without its operands.
        command: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// A command could not be started, or we were told to stop.
    #[error(transparent)]
    Command(#[from] dockerutils_command::Error),
    /// The archive is broken, or not one of these images.
    #[error("what `docker save` wrote is not what it should be: {0}")]
    Archive(#[from] InvalidContent),
    /// Files of the engine's own store changed while they were read, or are damaged.
    #[error("the engine's own files of a layer are not what they should be: {0}")]
    Store(InvalidContent),
    /// A file of images cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of images is broken.
    #[error("{} is no file of images: {invalid}", path.display())]
    Bundle {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        invalid: InvalidContent,
    },
    /// Layers that come too early cannot be kept.
    #[error("a layer that came too early cannot be kept in a temporary file: {0} (TMPDIR says where)")]
    Temporary(io::Error),
    /// The sink takes no more.
    #[error("{0}")]
    Sink(SinkError),
}

/// What is wrong with an archive, or with a part of it. Names in it are shown without what could steer a terminal.
#[derive(Debug, thiserror::Error)]
pub enum InvalidContent {
    /// It is no tar archive, or cannot be read further.
    #[error("{}", shown(.0.to_string().as_bytes()))]
    Unreadable(io::Error),
    /// It ends in the middle.
    #[error("it ends in the middle of {0}")]
    Truncated(String),
    /// No archive of images has such an entry.
    #[error("it holds `{0}`, which belongs to no archive of images")]
    Stranger(String),
    /// An entry is something else than its name says.
    #[error("`{0}` is neither the file nor the folder that it should be")]
    Kind(String),
    /// A link leads somewhere else than to another layer.
    #[error("`{0}` is a link that does not lead to a layer")]
    Link(String),
    /// There are two entries with this name.
    #[error("it holds `{0}` twice")]
    Twice(String),
    /// It has more entries than any archive of images.
    #[error("it has more than {0} entries")]
    Entries(usize),
    /// A document is larger than any.
    #[error("{0} is larger than any such document")]
    Size(String),
    /// A document is not of its form.
    #[error("{name} cannot be read: {source}")]
    Document {
        /// Which.
        name: String,
        /// Why not.
        source: serde_json::Error,
    },
    /// Content is not what it is called.
    #[error("the content of {expected} has the digest {found}")]
    Digest {
        /// What it should have.
        expected: Digest,
        /// What it has.
        found: Digest,
    },
    /// Something that it speaks of is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// An image has other layers than the engine said.
    #[error("image {0} has other layers there than the engine said")]
    Layers(Digest),
}

/// A name that others wrote, fit to be shown.
pub(super) fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(200).flat_map(char::escape_debug).collect()
}
