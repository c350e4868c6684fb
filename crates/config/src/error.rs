//! Errors and warnings about a configuration, each with its place in the file.

use std::fmt;
use std::io;

use crate::nearest::did_you_mean;

/// A place in a file, shown as `docker/dockerutils.cfg:12`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the project's root.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Why a configuration cannot be used. Every message contains the place and the remedy.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// The file exists but cannot be read.
    #[error("{file} cannot be read: {source}")]
    Unreadable { file: String, source: io::Error },
    /// The file is not valid INI.
    #[error("{file}:{source}")]
    Broken { file: String, source: crate::ini::Error },
    /// A key has a value that is not valid.
    #[error("{place}: `{key}`: {problem}")]
    Value { place: Place, key: String, problem: String },
    /// A section is missing a key.
    #[error("{place}: [{section}] {problem}")]
    Section { place: Place, section: String, problem: String },
}

/// A key that no command reads: a warning, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    pub(crate) place: Place,
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) nearest: Option<String>,
    /// What to write in place of the key, if that is known.
    pub(crate) remedy: Option<String>,
}

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let hint = match &self.remedy {
            Some(remedy) => format!(": {remedy}"),
            None => did_you_mean(self.nearest.as_deref()),
        };
        write!(f, "{}: [{}] has an unknown key `{}`{hint}", self.place, self.section, self.key)
    }
}

/// A section that belongs to no image, but has nearly the name of one: a warning, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MisspelledSection {
    pub(crate) place: Place,
    pub(crate) section: String,
    pub(crate) image: String,
}

impl fmt::Display for MisspelledSection {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: [{}] belongs to no image, did you mean [{}]?", self.place, self.section, self.image)
    }
}
