//! What each line of an INI file is: blank, comment, header, key or continuation, by Python's rules.
//!
//! Lines that are none of these are refused. The rest is written anew for rust-ini: comments dropped, indentation
//! levelled, and what rust-ini would misread in armour.

use super::armour;
use super::error::{Error, Problem};

/// A place in the file; both numbers count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Place {
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

/// A header's place and those of the keys below it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) place: Place,
    pub(super) keys: Vec<Place>,
}

/// A file's structure, and the text that rust-ini is to read.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) headers: Vec<Header>,
    pub(super) text: String,
    /// The indentation of the last header or key.
    indent: usize,
    /// Whether a deeper line continues a value: the last header or key is a key.
    in_value: bool,
}

/// Lays a file out.
pub(super) fn lay_out(text: &str) -> Result<Layout, Error> {
    let mut layout = Layout { text: String::with_capacity(text.len()), ..Layout::default() };
    for (line, number) in lines(text).zip(1..) {
        layout.line(number, line)?;
    }
    Ok(layout)
}

/// The place of a text's last character.
pub(super) fn last_character(text: &str) -> Place {
    let last = lines(text).zip(1..).last();
    last.map_or(Place::START, |(line, number)| Place { line: number, column: line.chars().count() })
}

/// Lines end as in Python's text files: `\n`, `\r\n` or `\r`, and nothing else.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// What Python's `str.strip` removes.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

impl Layout {
    fn line(&mut self, number: usize, line: &str) -> Result<(), Error> {
        let text = line.trim_matches(is_space);
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        if text.is_empty() {
            self.blank();
            return Ok(());
        }
        let indent = line.chars().take_while(|&c| is_space(c)).count();
        if self.in_value && indent > self.indent {
            self.continuation(text);
            return Ok(());
        }
        self.indent = indent;
        let place = Place { line: number, column: indent + 1 };
        match header_name(text) {
            Some(name) => self.header(name, place),
            None => self.key(text, place).map_err(|problem| Error::new(place, problem))?,
        }
        Ok(())
    }

    fn blank(&mut self) {
        if self.in_value {
            self.text.push('\n');
        }
    }

    fn continuation(&mut self, text: &str) {
        self.text.push(' ');
        armour::put_on(&mut self.text, text);
        self.text.push('\n');
    }

    fn header(&mut self, name: &str, place: Place) {
        self.text.push('[');
        armour::put_on(&mut self.text, name);
        self.text.push_str("]\n");
        self.headers.push(Header { place, keys: Vec::new() });
        self.in_value = false;
    }

    fn key(&mut self, text: &str, place: Place) -> Result<(), Problem> {
        let Some(header) = self.headers.last_mut() else {
            return Err(Problem::NoSection { text: text.into() });
        };
        let (key, value) = text.split_once(['=', ':']).ok_or_else(|| without_delimiter(text))?;
        if key.is_empty() {
            return Err(Problem::NoKey { text: text.into() });
        }
        header.keys.push(place);
        armour::put_on(&mut self.text, key.trim_end_matches(is_space));
        self.text.push('=');
        armour::put_on(&mut self.text, value.trim_start_matches(is_space));
        self.text.push('\n');
        self.in_value = true;
        Ok(())
    }
}

/// The name is all from the first bracket to the last that closes; what follows it does not count.
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
