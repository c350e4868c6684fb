//! Why a pattern of an ignore file is not valid.

/// Why docker rejects a pattern, or we do because docker gives it another meaning than it seems to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// An exception without a pattern, or for the root.
    #[error("`!` requires the pattern of a file or folder after it")]
    NoPattern,
    /// A class that does not end.
    #[error("`[` requires a closing `]`")]
    Open,
    /// A class with nothing, a range without an end, or a range that ends before it begins.
    #[error(
        "what is between `[` and `]` is not characters or ranges such as `a-z`; write `\\-` and `\\]` for these two"
    )]
    Class,
    /// A backslash at the end.
    #[error("a character must follow `\\`")]
    NoEscaped,
    /// Docker copies the escape into a regular expression, in which `\d` or `\1` have meanings of their own.
    #[error("a letter or digit must not follow `\\`; the separator of folders is `/`")]
    Escaped,
}
