//! References to variables: `$NAME`, `${NAME}`, and the forms with a default, a message or another text that Compose has.
//!
//! <https://docs.docker.com/reference/compose-file/interpolation/>

use super::{Piece, Problem, Scope, Unknown, replace_text};
use crate::shell_words::braced_length;

/// What begins at a place in a text.
pub(super) enum Dollar<'t> {
    Reference(Reference<'t>),
    /// A `${…}` of another form, or one that is not closed.
    Unsupported(&'t str),
    /// A `$(…)`, which a shell would run.
    Command(&'t str),
    /// Ordinary text, such as a dollar for another program in `$?` and `$1`.
    Text,
}

/// A reference to a variable.
pub(super) struct Reference<'t> {
    name: &'t str,
    operator: Operator<'t>,
    /// Whether a variable that is set but empty counts as not set: the colon in `:-`.
    needs_text: bool,
    /// The length in bytes.
    pub(super) length: usize,
}

#[derive(Clone, Copy)]
enum Operator<'t> {
    None,
    /// `-`: the text to use if the variable is not set.
    Default(&'t str),
    /// `?`: the message of the error if the variable is not set.
    Required(&'t str),
    /// `+`: the text to use if the variable is set.
    Other(&'t str),
}

impl<'t> Dollar<'t> {
    /// Parses what begins at the start of `text`.
    pub(super) fn parse(text: &'t str) -> Self {
        let Some(after) = text.strip_prefix('$') else { return Dollar::Text };
        if after.starts_with('(') {
            let length = text.find(')').map_or(text.len(), |end| end + 1);
            return Dollar::Command(&text[..length]);
        }
        if !after.starts_with('{') {
            let name = &after[..name_length(after)];
            let reference =
                Reference { name, operator: Operator::None, needs_text: false, length: name.len() + 1 };
            return if is_name(name) { Dollar::Reference(reference) } else { Dollar::Text };
        }
        let Some(length) = braced_length(after.chars()) else { return Dollar::Unsupported(text) };
        let length: usize = text.chars().take(length + 1).map(char::len_utf8).sum();
        Reference::braced(&text[2..length - 1], length)
            .map_or(Dollar::Unsupported(&text[..length]), Dollar::Reference)
    }
}

impl<'t> Reference<'t> {
    /// Parses the text between the braces.
    fn braced(inner: &'t str, length: usize) -> Option<Self> {
        let (name, rest) = inner.split_at(name_length(inner));
        let (needs_text, rest) = match rest.strip_prefix(':') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let operator = match rest.chars().next() {
            None if !needs_text => Operator::None,
            Some('-') => Operator::Default(&rest[1..]),
            Some('?') => Operator::Required(&rest[1..]),
            Some('+') => Operator::Other(&rest[1..]),
            _ => return None,
        };
        is_name(name).then_some(Reference { name, operator, needs_text, length })
    }

    /// Returns what takes the place of the reference.
    pub(super) fn expand(&self, scope: &Scope, unknown: Unknown) -> Result<Vec<Piece>, Problem> {
        let value = (scope.variable)(self.name).filter(|value| !(self.needs_text && value.is_empty()));
        match (value, self.operator) {
            (Some(_), Operator::Other(text)) => replace_text(text, scope, unknown),
            (None, Operator::Other(_)) => Ok(Vec::new()),
            (Some(value), _) => Ok(vec![Piece::Variable { name: self.name.to_owned(), value }]),
            (None, Operator::Default(text)) => {
                Ok(replace_text(text, scope, unknown)?.into_iter().map(as_default).collect())
            }
            (None, Operator::Required(message)) => {
                Err(Problem::Required { name: self.name.to_owned(), message: message.to_owned() })
            }
            (None, Operator::None) => Err(Problem::Variable { name: self.name.to_owned() }),
        }
    }
}

/// Marks literal text as that of a default.
fn as_default(piece: Piece) -> Piece {
    match piece {
        Piece::Text(text) => Piece::Default(text),
        other => other,
    }
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !is_name_char(c)).unwrap_or(text.len())
}

pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| is_name_char(c) && !c.is_ascii_digit()) && name.chars().all(is_name_char)
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
