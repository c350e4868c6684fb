//! Classifies each line of an INI file as blank, comment, header, key or continuation, by Python's rules.
//!
//! A line that fits no class is an error. The others are written to a new text for rust-ini, without comments and
//! indentation, and with the characters escaped that rust-ini would misread.

use super::error::{Error, Problem};
use super::escape::escape;
use super::position::Position;

/// The position of a header and those of its keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) position: Position,
    pub(super) keys: Vec<Position>,
}

/// The structure of a file, and the text for rust-ini.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) headers: Vec<Header>,
    pub(super) text: String,
    /// The indentation of the last header or key.
    indent: usize,
    /// Whether a line that is indented deeper continues a value, that is, whether the last header or key is a key.
    in_value: bool,
}

/// Scans the text of a file.
pub(super) fn scan(text: &str) -> Result<Scan, Error> {
    let mut scan = Scan { text: String::with_capacity(text.len()), ..Scan::default() };
    for (line, number) in lines(text).zip(1..) {
        scan.add_line(number, line)?;
    }
    Ok(scan)
}

/// Returns the position of the last character of a text.
pub(super) fn last_character(text: &str) -> Position {
    let last = lines(text).zip(1..).last();
    last.map_or(Position::START, |(line, number)| Position { line: number, column: line.chars().count() })
}

/// Splits at `\n`, `\r\n` and `\r` as Python's text files do, and at no other character.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// Returns whether Python's `str.strip` removes the character.
///
/// Python counts the four separators U+001C to U+001F as whitespace; Unicode's `White_Space`, and so Rust, does not.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

impl Scan {
    fn add_line(&mut self, number: usize, line: &str) -> Result<(), Error> {
        let text = line.trim_matches(is_space);
        // Only whole lines are comments: configparser's `inline_comment_prefixes` is empty by default. A comment within a
        // value is dropped and does not end it.
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        if text.is_empty() {
            self.add_blank();
            return Ok(());
        }
        let indent = line.chars().take_while(|&c| is_space(c)).count();
        if self.in_value && indent > self.indent {
            self.add_continuation(text);
            return Ok(());
        }
        self.indent = indent;
        let position = Position { line: number, column: indent + 1 };
        match header_name(text) {
            Some(name) => self.add_header(name, position),
            None => self.add_key(text, position).map_err(|problem| Error::new(position, problem))?,
        }
        Ok(())
    }

    fn add_blank(&mut self) {
        // Python keeps a blank line that is followed by more lines of the same value.
        if self.in_value {
            self.text.push('\n');
        }
    }

    fn add_continuation(&mut self, text: &str) {
        self.text.push(' ');
        escape(&mut self.text, text);
        self.text.push('\n');
    }

    fn add_header(&mut self, name: &str, position: Position) {
        self.text.push('[');
        escape(&mut self.text, name);
        self.text.push_str("]\n");
        self.headers.push(Header { position, keys: Vec::new() });
        self.in_value = false;
    }

    fn add_key(&mut self, text: &str, position: Position) -> Result<(), Problem> {
        // Above the first section, a header that is not closed is the more helpful message.
        if self.headers.is_empty() && text.starts_with('[') {
            return Err(without_delimiter(text));
        }
        let Some(header) = self.headers.last_mut() else {
            return Err(Problem::NoSection { text: text.into() });
        };
        // The first of both delimiters ends the key, so a value may contain either of them.
        let (key, value) = text.split_once(['=', ':']).ok_or_else(|| without_delimiter(text))?;
        if key.is_empty() {
            return Err(Problem::NoKey { text: text.into() });
        }
        header.keys.push(position);
        escape(&mut self.text, key.trim_end_matches(is_space));
        self.text.push('=');
        escape(&mut self.text, value.trim_start_matches(is_space));
        self.text.push('\n');
        self.in_value = true;
        Ok(())
    }
}

/// Returns the name between the first `[` and the last `]` of a header line.
///
/// Python's pattern `\[(?P<header>.+)\]` is greedy and ignores the rest of the line.
fn header_name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('[')?.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

fn without_delimiter(text: &str) -> Problem {
    let text = text.to_owned();
    match text.strip_prefix('[') {
        Some(rest) if rest.starts_with(']') => Problem::UnnamedHeader { text },
        Some(_) => Problem::OpenHeader { text },
        None => Problem::NoDelimiter { text },
    }
}
