//! The parsed form of an INI file.

/// The sections of a file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ini {
    /// Every section except `[DEFAULT]`, whose keys every section inherits.
    pub sections: Vec<Section>,
}

/// A section: its own entries in the order of the file, then those of `[DEFAULT]` that it does not override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The text between the brackets, with its blanks.
    pub name: String,
    /// The line of the header, counted from 1.
    pub line: usize,
    /// The entries; no two have the same key.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, in the case of the file.
    pub key: String,
    /// The value: its lines, trimmed and joined by newlines.
    pub value: String,
    /// The line of the key, counted from 1.
    pub line: usize,
}
