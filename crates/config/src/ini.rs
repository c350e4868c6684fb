//! An INI file as Python's `configparser` reads it, without interpolation and with the case of its keys kept.
//!
//! rust-ini reads the file. The layout before it and the merge after it mend what rust-ini sees otherwise than Python,
//! and keep the lines. What Python refuses is refused, with line and column; what a key means is not known here.

mod armour;
mod error;
mod layout;
mod merge;
mod reader;
#[cfg(test)]
mod tests;

use layout::Place;

pub use error::{Error, Problem};

/// A file's sections, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ini {
    /// Every section but `[DEFAULT]`, whose keys are among the others' entries.
    pub sections: Vec<Section>,
}

/// A section: its own entries in their order, then those of `[DEFAULT]` that it does not override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What stands between the brackets, blanks included.
    pub name: String,
    /// The line of the header, from 1.
    pub line: usize,
    /// The keys and their values; no key stands twice.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key as it is written.
    pub key: String,
    /// The value as it is written, its lines trimmed and joined by newlines.
    pub value: String,
    /// The line that the key stands on, from 1.
    pub line: usize,
}

/// Reads a file's bytes.
///
/// # Errors
/// A line that is no header, key, continuation or comment; a section or key that stands twice; bytes that are no text.
pub fn parse(bytes: &[u8]) -> Result<Ini, Error> {
    let layout = layout::lay_out(decode(bytes)?)?;
    let sections = reader::read(&layout)?;
    merge::refuse_duplicates(&sections, &layout.headers)?;
    Ok(Ini { sections: merge::inherit_defaults(sections) })
}

fn decode(bytes: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(bytes).map_err(|err| {
        let bad = err.valid_up_to();
        let until_bad = String::from_utf8_lossy(&bytes[..=bad]);
        Error::new(layout::last_character(&until_bad), Problem::NotUtf8 { byte: bytes[bad] })
    })?;
    if text.starts_with('\u{feff}') {
        return Err(Error::new(Place::START, Problem::ByteOrderMark));
    }
    Ok(text)
}
