//! What can be wrong in a configuration, and where.

use std::fmt;
use std::io;

use crate::nearest::did_you_mean;

/// A place in a file, as it is shown: `docker/dockerutils.cfg:12`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the project's root.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Why a configuration cannot be used. Each says where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is there and cannot be read.
    #[error("{file} cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not INI as Python's configparser reads it.
    #[error("{file}:{}:{}: {}", .source.line, .source.column, .source.problem)]
    Broken {
        /// The file.
        file: String,
        /// The line, the column and what is wrong there.
        source: crate::ini::Error,
    },
    /// A value cannot be what it should be.
    #[error("{place}: `{key}`: {problem}")]
    Value {
        /// Where the key stands.
        place: Place,
        /// The key.
        key: String,
        /// What is wrong with its value, and what to do.
        problem: String,
    },
    /// A section should have a key and has not.
    #[error("{place}: [{section}] {problem}")]
    Section {
        /// Where the section begins.
        place: Place,
        /// The section's name.
        section: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
}

/// A key that nobody reads: said on one line, and no reason to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    pub(crate) place: Place,
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) nearest: Option<String>,
}

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let hint = did_you_mean(self.nearest.as_deref());
        write!(f, "{}: [{}] has an unknown key `{}`{hint}", self.place, self.section, self.key)
    }
}
