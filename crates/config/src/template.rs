//! Replaces `{name}`, `$NAME` and a leading `~/` in words.
//!
//! A value is split into words first, and each word is then replaced in once, from left to right. Inserted text is
//! neither split nor replaced in again, so a project works in a folder whose name contains blanks, quotes or `$`. There
//! is one exception, as in a shell: an unquoted `$NAME` that is a whole word is split into words.

use crate::nearest::nearest;
use crate::shell_words::{Fragment, Quoting, RawWord};

/// Looks up a variable of the environment.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The values that words are replaced with: placeholders and the environment.
#[derive(Clone)]
pub struct Scope<'a> {
    placeholders: Vec<(&'static str, String)>,
    home: String,
    variable: Lookup<'a>,
}

impl<'a> Scope<'a> {
    /// Creates a scope with the user's home, for `{home}` and a leading `~/`, and the variables of the environment.
    pub fn new(home: impl Into<String>, variable: Lookup<'a>) -> Self {
        let home = home.into();
        Scope { placeholders: vec![("home", home.clone())], home, variable }
    }

    /// Defines the placeholder `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.placeholders.push((name, value.into()));
        self
    }

    fn placeholder(&self, name: &str) -> Option<&str> {
        // A later definition replaces an earlier one.
        self.placeholders.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// How a `{name}` that is not a placeholder is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is an error.
    Refused,
    /// It is kept, because a command may contain braces of its own.
    Kept,
}

/// One argument, with the origin of each part of its text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    pieces: Vec<Piece>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Literal text, or the value of a placeholder.
    Text(String),
    /// The value of a variable of the environment.
    Variable {
        /// The name of the variable.
        name: String,
        /// The value of the variable.
        value: String,
    },
}

impl Word {
    /// Creates a word of literal text.
    pub fn plain(text: impl Into<String>) -> Self {
        Word { pieces: vec![Piece::Text(text.into())] }
    }

    /// Returns the whole argument.
    pub fn text(&self) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) | Piece::Variable { value: text, .. } => text.as_str(),
        });
        pieces.collect()
    }

    /// Returns the parts in order; two pieces of text are never adjacent.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Inserts text before the word.
    #[must_use]
    pub fn prefixed(mut self, text: &str) -> Self {
        match self.pieces.first_mut() {
            Some(Piece::Text(first)) => first.insert_str(0, text),
            _ => self.pieces.insert(0, Piece::Text(text.to_owned())),
        }
        self
    }

    fn push_text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }
}

/// Why the replacement in a word failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The placeholder does not exist; `nearest` is the most similar one.
    Placeholder { name: String, nearest: Option<String> },
    /// The variable is not set.
    Variable { name: String },
}

/// Replaces in one word; an unquoted variable that is the whole word may become several words, or none.
pub(crate) fn replace(word: &RawWord, scope: &Scope, unknown: Unknown) -> Result<Vec<Word>, Problem> {
    if let [Fragment { text, quoting: Quoting::Bare }] = word.as_slice()
        && variable_length(text) == Some(text.len())
    {
        let (name, value) = variable(text, scope)?;
        let field = |value: &str| Word {
            pieces: vec![Piece::Variable { name: name.clone(), value: value.to_owned() }],
        };
        // The default IFS of a shell is blank, tab and newline.
        return Ok(value.split_whitespace().map(field).collect());
    }
    Ok(vec![replace_whole(word, scope, unknown)?])
}

/// Replaces in one word, and returns one word.
pub(crate) fn replace_whole(word: &RawWord, scope: &Scope, unknown: Unknown) -> Result<Word, Problem> {
    let mut rendering =
        Rendering { scope, unknown, word: Word::default(), after_dollar: false, open_braces: 0 };
    for (index, fragment) in word.iter().enumerate() {
        match (index, fragment) {
            // As in a shell, a tilde is replaced only at the start of a word and without quotes.
            (0, Fragment { text, quoting: Quoting::Bare }) if text.starts_with("~/") => {
                rendering.word.push_text(&scope.home);
                rendering.fragment(&text[1..], Quoting::Bare)?;
            }
            (_, Fragment { text, quoting }) => rendering.fragment(text, *quoting)?,
        }
    }
    Ok(rendering.word)
}

struct Rendering<'a> {
    scope: &'a Scope<'a>,
    unknown: Unknown,
    word: Word,
    /// Whether the last character is a literal `$`: a brace after it belongs to the container's own `${…}`.
    after_dollar: bool,
    /// The number of `{{` without their `}}`. At 0, a `}}` is literal: it may close two blocks of JSON or awk.
    open_braces: usize,
}

impl Rendering<'_> {
    fn fragment(&mut self, text: &str, quoting: Quoting) -> Result<(), Problem> {
        if quoting == Quoting::Escaped {
            self.word.push_text(text);
            self.after_dollar = text.ends_with('$');
            return Ok(());
        }
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let consumed = match next {
                '$' if quoting != Quoting::Single => self.dollar(rest)?,
                '{' if !self.after_dollar => self.opening_brace(rest)?,
                '}' => self.closing_brace(rest),
                _ => self.literal(rest, next.len_utf8()),
            };
            rest = &rest[consumed..];
        }
        Ok(())
    }

    fn literal(&mut self, rest: &str, length: usize) -> usize {
        self.word.push_text(&rest[..length]);
        self.after_dollar = rest[..length].ends_with('$');
        length
    }

    fn dollar(&mut self, rest: &str) -> Result<usize, Problem> {
        if rest.starts_with("$$") {
            self.literal("$", 1);
            return Ok(2);
        }
        // `$(date)`, `$?` and `$1` are for a shell in the container.
        let Some(length) = variable_length(rest) else { return Ok(self.literal(rest, 1)) };
        let (name, value) = variable(&rest[..length], self.scope)?;
        self.word.pieces.push(Piece::Variable { name, value });
        self.after_dollar = false;
        Ok(length)
    }

    fn opening_brace(&mut self, rest: &str) -> Result<usize, Problem> {
        if rest.starts_with("{{") {
            self.open_braces += 1;
            self.literal("{", 1);
            return Ok(2);
        }
        // Braces around other text, as in JSON or awk, are not placeholders.
        let Some(name) = placeholder_name(rest) else { return Ok(self.literal(rest, 1)) };
        let length = name.len() + 2;
        match self.scope.placeholder(name) {
            Some(value) => self.word.push_text(value),
            None if self.unknown == Unknown::Kept => self.word.push_text(&rest[..length]),
            None => {
                let known = self.scope.placeholders.iter().map(|(known, _)| *known);
                let nearest = nearest(name, known).map(str::to_owned);
                return Err(Problem::Placeholder { name: name.to_owned(), nearest });
            }
        }
        self.after_dollar = false;
        Ok(length)
    }

    fn closing_brace(&mut self, rest: &str) -> usize {
        self.literal(rest, 1);
        if self.open_braces > 0 && rest.starts_with("}}") {
            self.open_braces -= 1;
            return 2;
        }
        1
    }
}

/// Returns the name in `{name}` at the start of `text`.
fn placeholder_name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    is_name(name).then_some(name)
}

/// Returns the length in bytes of the `$NAME`, `${NAME}` or `${NAME:-default}` at the start of `text`.
fn variable_length(text: &str) -> Option<usize> {
    let after = text.strip_prefix('$')?;
    if let Some(braced) = after.strip_prefix('{') {
        let (inner, _) = braced.split_once('}')?;
        let name = inner.split_once(":-").map_or(inner, |(name, _)| name);
        return is_name(name).then_some(inner.len() + 3);
    }
    let length = after.find(|c: char| !is_name_char(c)).unwrap_or(after.len());
    is_name(&after[..length]).then_some(length + 1)
}

/// Returns the name and the value of one variable reference.
///
/// shellexpand would keep an undefined variable as it is, so the lookup reports it as an error.
fn variable(reference: &str, scope: &Scope) -> Result<(String, String), Problem> {
    let mut looked_up = String::new();
    let has_default = reference.contains(":-");
    let expanded = shellexpand::env_with_context(reference, |name| {
        looked_up = name.to_owned();
        match (scope.variable)(name) {
            // As in a shell, `:-` also replaces a variable that is set but empty.
            Some(value) if value.is_empty() && has_default => Ok(None),
            Some(value) => Ok(Some(value)),
            None => Err(()),
        }
    });
    match expanded {
        Ok(value) => Ok((looked_up, value.into_owned())),
        Err(error) => Err(Problem::Variable { name: error.var_name }),
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| is_name_char(c) && !c.is_ascii_digit()) && name.chars().all(is_name_char)
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests;
