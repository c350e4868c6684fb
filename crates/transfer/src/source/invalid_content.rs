//! The ways in which an archive of images, or other checked content, can be invalid.

use std::io;

use dockerutils_oci::Digest;

/// How many characters of a name from an archive a message shows.
const MAX_SHOWN: usize = 200;

/// The reason why an archive, or a part of it, is invalid. Messages show names from it without control characters.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum InvalidContent {
    /// It is not a tar archive, or cannot be read any further.
    #[error("{}", unreadable(.0))]
    Unreadable(#[source] io::Error),
    /// It ends too early.
    #[error("it ends in the middle of {0}")]
    Truncated(String),
    /// It holds an entry that does not occur in archives of images.
    #[error("it holds `{0}`, which does not belong in an archive of images")]
    UnexpectedEntry(String),
    /// An entry has another type than its name implies.
    #[error("`{0}` is not the file or folder that it should be")]
    WrongEntryType(String),
    /// A link does not lead to another layer.
    #[error("`{0}` is a link that does not lead to a layer")]
    InvalidLink(String),
    /// Two entries have the same name.
    #[error("it holds `{0}` twice")]
    DuplicateEntry(String),
    /// It has more entries than docker writes.
    #[error("it has more than {0} entries")]
    TooManyEntries(usize),
    /// An image has more names than anybody gives one.
    #[error("it has an image with more than {0} names")]
    TooManyNames(usize),
    /// A document is larger than engines accept.
    #[error("{0} is too large for a document")]
    DocumentTooLarge(String),
    /// A document is not of its form.
    #[error("{name} cannot be read: {source}")]
    Document { name: String, source: serde_json::Error },
    /// Content has another digest than its name.
    #[error("the content of {expected} has the digest {found}")]
    Digest { expected: Digest, found: Digest },
    /// A file or an image that it refers to is missing.
    #[error("{0} is missing")]
    Missing(String),
    /// An image has a name that docker would refuse. What docker writes has none.
    #[error("`{0}` is not a valid name of an image")]
    Name(String),
    /// It lists no image.
    #[error("it has no image")]
    NoImage,
    /// An image has other layers than the engine listed.
    #[error("image {0} does not have the layers that the engine listed")]
    Layers(Digest),
}

/// Returns why an archive cannot be read, without the bytes of a header that the parser repeats.
fn unreadable(error: &io::Error) -> String {
    let text = error.to_string();
    let (reason, _header) = text.split_once(" when getting ").unwrap_or((&text, ""));
    printable(reason.trim_end().as_bytes())
}

/// Makes a name that others wrote fit for a message.
pub(super) fn printable(name: &[u8]) -> String {
    let start: String = String::from_utf8_lossy(name).chars().take(MAX_SHOWN).collect();
    dockerutils_command::printable(&start).into_owned()
}
