//! Why a project's version cannot be determined or written.

use std::io;
use std::path::PathBuf;

/// An error that ends the work. A git or python3 that fails does not: a note reports it instead.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the messages name the fields; each `file` is relative to the project's root"
)]
pub enum Error {
    #[error("cannot read {file}: {source}")]
    Unreadable { file: &'static str, source: io::Error },
    /// A file contains settings for versioneer that are invalid.
    #[error("{file}:{line}: {problem}")]
    InvalidSettings { file: &'static str, line: usize, problem: String },
    /// The settings name a style that versioneer does not have.
    #[error("{file}: unknown versioneer style `{style}`: expected one of {known}")]
    UnknownStyle { file: &'static str, style: String, known: String },
    #[error("cannot write {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    /// The project has no settings for versioneer, and its version was requested explicitly.
    #[error(
        "this project does not use versioneer: setup.cfg has no [versioneer], pyproject.toml no [tool.versioneer]"
    )]
    NotUsed,
    /// A signal arrived while a command ran.
    #[error("{0}")]
    Command(#[from] dockerutils_command::Error),
}
