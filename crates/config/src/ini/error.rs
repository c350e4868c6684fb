//! What can be wrong with an INI file, and what to do about it.
//!
//! An error does not know the file's name. Text from the file is shown without its control characters, and not at length.

use super::layout::Place;

/// A problem and its place in the file; both numbers count from 1, the column in characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {problem}")]
pub struct Error {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What is wrong there.
    pub problem: Problem,
}

impl Error {
    pub(super) fn new(place: Place, problem: Problem) -> Self {
        Self { line: place.line, column: place.column, problem }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Bytes that are no UTF-8.
    #[error("the byte 0x{byte:02X} is not UTF-8: save the file as UTF-8")]
    NotUtf8 {
        /// The first of them.
        byte: u8,
    },
    /// The mark that some editors put first; Python takes it for text before the first header.
    #[error("the file starts with a byte order mark: save it as UTF-8 without one")]
    ByteOrderMark,
    /// Text before the first header.
    #[error("`{}` belongs to no section: put a `[section]` line above it", shown(text))]
    NoSection {
        /// The line's text.
        text: String,
    },
    /// `[` without anything that closes it.
    #[error("`{}` is not closed: end the section's name with `]`", shown(text))]
    OpenHeader {
        /// The line's text.
        text: String,
    },
    /// `[]`.
    #[error("`{}` names no section: write its name between the brackets", shown(text))]
    UnnamedHeader {
        /// The line's text.
        text: String,
    },
    /// A line that is neither a header nor a key.
    #[error(
        "`{}` has no `=`: write `key = value`, or indent it deeper to continue the value above",
        shown(text)
    )]
    NoDelimiter {
        /// The line's text.
        text: String,
    },
    /// `= value`.
    #[error("`{}` has no key: write one before the `{}`", shown(text), text.get(..1).unwrap_or("="))]
    NoKey {
        /// The line's text.
        text: String,
    },
    /// A section that stands twice.
    #[error("section `[{}]` stands on line {first} and again on line {second}: make them one", shown(name))]
    DuplicateSection {
        /// Its name.
        name: String,
        /// The line of its first header.
        first: usize,
        /// The line of its second header.
        second: usize,
    },
    /// A key that stands twice in its section.
    #[error(
        "key `{}` of `[{}]` stands on line {first} and again on line {second}: keep one",
        shown(key),
        shown(section)
    )]
    DuplicateKey {
        /// The section's name.
        section: String,
        /// The key.
        key: String,
        /// The line where it stands first.
        first: usize,
        /// The line where it stands again.
        second: usize,
    },
    /// rust-ini does not see what the layout has seen.
    #[error("the INI reader failed ({reason}): please report this, with the file")]
    Reader {
        /// What it said.
        reason: String,
    },
}

/// How many characters of the file a message shows.
const SHOWN: usize = 40;

fn shown(text: &str) -> String {
    let start: String =
        text.chars().take(SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() { start + "…" } else { start }
}
