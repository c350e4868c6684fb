//! rust-ini reads what was laid out, and what it found gets its lines back.
//!
//! rust-ini and the layout see the same headers and keys in the same order. Should they ever not, that is an error.

use super::error::{Error, Problem};
use super::layout::{Header, Layout, Place};
use super::{Entry, Section, armour};

/// The sections as they stand in the file: `[DEFAULT]` among them, sections and keys perhaps twice.
pub(super) fn read(layout: &Layout) -> Result<Vec<Section>, Error> {
    let read = ini::Ini::load_from_str_opt(&layout.text, options())
        .map_err(|err| failure(Place::START, &format!("{err}")))?;
    // rust-ini starts with a section of no name, for keys above the first header, which the layout has refused.
    let named: Vec<_> = read.into_iter().filter_map(|(name, keys)| Some((name?, keys))).collect();
    if named.len() != layout.headers.len() {
        return Err(failure(Place::START, "another number of sections"));
    }
    named.into_iter().zip(&layout.headers).map(|((name, keys), header)| section(name, keys, header)).collect()
}

fn options() -> ini::ParseOption {
    ini::ParseOption {
        enabled_quote: false,
        enabled_escape: false,
        enabled_indented_mutiline_value: true,
        enabled_preserve_key_leading_whitespace: false,
    }
}

fn section(name: String, keys: ini::Properties, header: &Header) -> Result<Section, Error> {
    let keys: Vec<_> = keys.into_iter().collect();
    if keys.len() != header.keys.len() {
        return Err(failure(header.place, "another number of keys"));
    }
    let entries = keys.into_iter().zip(&header.keys).map(|((key, value), &place)| {
        Ok(Entry { key: text(key, place)?, value: text(value, place)?, line: place.line })
    });
    Ok(Section {
        name: text(name, header.place)?,
        line: header.place.line,
        entries: entries.collect::<Result<_, Error>>()?,
    })
}

fn text(read: String, place: Place) -> Result<String, Error> {
    armour::take_off(read).ok_or_else(|| failure(place, "a broken character"))
}

fn failure(place: Place, reason: &str) -> Error {
    Error::new(place, Problem::Reader { reason: reason.into() })
}
