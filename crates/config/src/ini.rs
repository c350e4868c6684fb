//! Parses INI files as Python's `configparser` does, without interpolation and without lowering the case of keys.
//!
//! rust-ini does the parsing. The scanner prepares the text for it and the merge corrects its result where rust-ini and
//! Python differ, and together they keep the line numbers. A file that Python rejects is rejected here, with line and
//! column. This module does not know what a key means.

mod error;
mod escape;
mod merge;
mod position;
mod reader;
mod scanner;
mod section;
#[cfg(test)]
mod tests;

use position::Position;

pub use error::{Error, Problem};
pub use section::{Entry, Ini, Section};

/// Parses the bytes of a file.
///
/// # Errors
/// Fails if a line is neither header, key, continuation nor comment, if a section or key occurs twice, or if the bytes
/// are not UTF-8.
pub fn parse(bytes: &[u8]) -> Result<Ini, Error> {
    let scan = scanner::scan(decode(bytes)?)?;
    let sections = reader::read(&scan)?;
    merge::check_duplicates(&sections, &scan.headers)?;
    Ok(Ini { sections: merge::inherit_defaults(sections) })
}

fn decode(bytes: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(bytes).map_err(|err| {
        let bad = err.valid_up_to();
        let until_bad = String::from_utf8_lossy(&bytes[..=bad]);
        Error::new(scanner::last_character(&until_bad), Problem::NotUtf8 { byte: bytes[bad] })
    })?;
    // Python's utf-8 codec keeps the mark as text, and configparser then rejects it with a misleading message.
    if text.starts_with('\u{feff}') {
        return Err(Error::new(Position::START, Problem::ByteOrderMark));
    }
    Ok(text)
}
