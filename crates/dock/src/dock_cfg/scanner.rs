//! Splits `dock.cfg` into lines: `[NAME]`, `key="value"`, `key='value'` and `key=value`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::{Invalid, Moniker};

/// A mistake in a line of `dock.cfg`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum DockCfgFault {
    /// The line is not UTF-8.
    #[error("this is not text in UTF-8")]
    NoText,
    /// The line is neither a header nor a pair.
    #[error("this is neither key=\"value\" nor [NAME]")]
    NoPair,
    /// The quote around a value is not closed on the line.
    #[error("{key}: the quote {quote} is not closed")]
    Unclosed { key: String, quote: char },
    /// Something follows the value that is not a comment.
    #[error("{key}: write the whole value in quotes; only a comment may follow it")]
    AfterValue { key: String },
    /// A header does not name a dock.
    #[error("a header names a dock: {0}")]
    Header(Invalid),
    /// A header or key occurs on an earlier line.
    #[error("{what} is already set on line {first}")]
    Twice { what: String, first: usize },
    /// The value does not have the key's form.
    #[error("{key}: {problem}")]
    Value { key: String, problem: String },
}

/// A line that has a meaning.
#[derive(Debug)]
pub(super) enum Line<'a> {
    /// The keys below are for the dock with this name.
    Section(Moniker),
    Pair {
        key: &'a str,
        value: &'a str,
    },
}

/// Returns the lines that have a meaning, with their numbers.
pub(super) fn scan(bytes: &[u8]) -> Result<Vec<(usize, Line<'_>)>, (usize, DockCfgFault)> {
    let mut lines: Vec<(usize, Line)> = Vec::new();
    // What is set already: a header in the whole file, a key below the same header.
    let mut headers: HashMap<String, usize> = HashMap::new();
    let mut keys: HashMap<String, usize> = HashMap::new();
    for (number, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let text = str::from_utf8(bytes).map_err(|_| (number, DockCfgFault::NoText))?.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let line = parse(text).map_err(|fault| (number, fault))?;
        let (what, known) = match &line {
            Line::Section(name) => {
                keys.clear();
                (format!("[{name}]"), &mut headers)
            }
            Line::Pair { key, .. } => ((*key).to_owned(), &mut keys),
        };
        match known.entry(what) {
            Entry::Occupied(earlier) => {
                let (what, first) = (earlier.key().clone(), *earlier.get());
                return Err((number, DockCfgFault::Twice { what, first }));
            }
            Entry::Vacant(free) => free.insert(number),
        };
        lines.push((number, line));
    }
    Ok(lines)
}

fn parse(text: &str) -> Result<Line<'_>, DockCfgFault> {
    if let Some(rest) = text.strip_prefix('[') {
        let (name, after) = rest.split_once(']').ok_or(DockCfgFault::NoPair)?;
        if !is_comment(after) {
            return Err(DockCfgFault::NoPair);
        }
        return name.trim().parse().map(Line::Section).map_err(DockCfgFault::Header);
    }
    let (key, rest) = text.split_once('=').ok_or(DockCfgFault::NoPair)?;
    let (key, rest) = (key.trim_end(), rest.trim_start());
    let is_key = key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_key {
        return Err(DockCfgFault::NoPair);
    }
    value(key, rest).map(|value| Line::Pair { key, value })
}

/// Returns the value at the beginning of the text.
fn value<'a>(key: &str, text: &'a str) -> Result<&'a str, DockCfgFault> {
    let (value, after) = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text
            .get(1..)
            .and_then(|rest| rest.split_once(quote))
            .ok_or(DockCfgFault::Unclosed { key: key.to_owned(), quote })?,
        _ => text.split_at(text.find(char::is_whitespace).unwrap_or(text.len())),
    };
    if is_comment(after) { Ok(value) } else { Err(DockCfgFault::AfterValue { key: key.to_owned() }) }
}

fn is_comment(text: &str) -> bool {
    let is_apart = text.is_empty() || text.starts_with(char::is_whitespace);
    let text = text.trim_start();
    text.is_empty() || is_apart && text.starts_with('#')
}
