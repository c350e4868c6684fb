//! Errors of the INI parser.
//!
//! The messages do not name the file, which the parser does not know. They show text of the file as it is; what prints
//! them escapes it for a terminal.

use super::position::Position;

/// A problem and its position in the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {problem}")]
pub struct Error {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The problem.
    pub problem: Problem,
}

impl Error {
    pub(super) fn new(position: Position, problem: Problem) -> Self {
        Self { line: position.line, column: position.column, problem }
    }
}

/// Why a file is not valid INI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Problem {
    /// The file contains bytes that are not UTF-8.
    #[error("the byte 0x{byte:02X} is not UTF-8: save the file as UTF-8")]
    NotUtf8 { byte: u8 },
    /// The file starts with a byte order mark, which Python takes for text before the first header.
    #[error("the file starts with a byte order mark: save it as UTF-8 without one")]
    ByteOrderMark,
    /// There is text before the first header.
    #[error("`{}` belongs to no section: put a `[section]` line above it", excerpt(text))]
    NoSection { text: String },
    /// A header has no closing bracket.
    #[error("`{}` is not closed: end the section's name with `]`", excerpt(text))]
    OpenHeader { text: String },
    /// A header is `[]`.
    #[error("`{}` has no section name: write one between the brackets", excerpt(text))]
    UnnamedHeader { text: String },
    /// A line is neither a header nor a key.
    #[error(
        "`{}` has no `=`: write `key = value`, or indent it deeper to continue the value above",
        excerpt(text)
    )]
    NoDelimiter { text: String },
    /// A line is `= value`.
    #[error("`{}` has no key: write one before the `{}`", excerpt(text), text.get(..1).unwrap_or("="))]
    NoKey { text: String },
    /// A section occurs twice.
    #[error("section `[{}]` is on line {first} and again on line {second}: merge them", excerpt(name))]
    DuplicateSection { name: String, first: usize, second: usize },
    /// A key occurs twice in its section.
    #[error(
        "key `{}` of `[{}]` is set on line {first} and again on line {second}: keep one",
        excerpt(key),
        excerpt(section)
    )]
    DuplicateKey { section: String, key: String, first: usize, second: usize },
    /// rust-ini and the scanner disagree about the structure of the file.
    #[error("the INI reader failed ({reason}): please report this, with the file")]
    Reader { reason: String },
}

/// The length of the excerpts in messages, in characters.
const EXCERPT: usize = 40;

fn excerpt(text: &str) -> String {
    let start: String = text.chars().take(EXCERPT).collect();
    if text.chars().nth(EXCERPT).is_some() { start + "…" } else { start }
}
