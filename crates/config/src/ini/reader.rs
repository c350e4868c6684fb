//! Parses the scanned text with rust-ini and attaches line numbers to the result.
//!
//! rust-ini must find the same headers and keys in the same order as the scanner. A difference is reported as an error
//! rather than ignored, because a value would then belong to the wrong key.

use super::error::{Error, Problem};
use super::escape::unescape;
use super::position::Position;
use super::scanner::{Header, Scan};
use super::section::{Entry, Section};

/// Returns the sections in the order of the file, `[DEFAULT]` included; duplicates are not checked yet.
pub(super) fn read(scan: &Scan) -> Result<Vec<Section>, Error> {
    let read = ini::Ini::load_from_str_opt(&scan.text, options())
        .map_err(|err| mismatch(Position::START, &format!("{err}")))?;
    // rust-ini's first section has no name and holds keys above the first header, which the scanner rejects.
    let named: Vec<_> = read.into_iter().filter_map(|(name, keys)| Some((name?, keys))).collect();
    if named.len() != scan.headers.len() {
        return Err(mismatch(Position::START, "another number of sections"));
    }
    named.into_iter().zip(&scan.headers).map(|((name, keys), header)| section(name, keys, header)).collect()
}

fn options() -> ini::ParseOption {
    ini::ParseOption {
        enabled_quote: false,
        enabled_escape: false,
        // The misspelling is rust-ini's.
        enabled_indented_mutiline_value: true,
        enabled_preserve_key_leading_whitespace: false,
    }
}

fn section(name: String, keys: ini::Properties, header: &Header) -> Result<Section, Error> {
    let keys: Vec<_> = keys.into_iter().collect();
    if keys.len() != header.keys.len() {
        return Err(mismatch(header.position, "another number of keys"));
    }
    let entries = keys.into_iter().zip(&header.keys).map(|((key, value), &position)| {
        Ok(Entry { key: text(key, position)?, value: text(value, position)?, line: position.line })
    });
    Ok(Section {
        name: text(name, header.position)?,
        line: header.position.line,
        entries: entries.collect::<Result<_, Error>>()?,
    })
}

fn text(read: String, position: Position) -> Result<String, Error> {
    unescape(read).ok_or_else(|| mismatch(position, "a broken escape"))
}

fn mismatch(position: Position, reason: &str) -> Error {
    Error::new(position, Problem::Reader { reason: reason.into() })
}
