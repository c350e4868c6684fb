//! Replaces `{name}`, `$NAME` and a leading `~/` in words.
//!
//! A value is split into words first, and each word is then replaced in once, from left to right. Inserted text is
//! neither split nor replaced in again, so a project works in a folder whose name contains blanks, quotes or `$`. There
//! is one exception, as in a shell: an unquoted `$NAME` that is a whole word is split into words.

mod variable;
mod word;

use self::variable::{Dollar, is_name};
pub use self::word::{Piece, Word};
use crate::nearest::nearest;
use crate::shell_words::{Fragment, Quoting, RawWord};

/// Looks up a variable of the environment.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The values that words are replaced with: placeholders and the environment.
#[derive(Clone)]
pub struct Scope<'a> {
    placeholders: Vec<(&'static str, String)>,
    home: Option<String>,
    variable: Lookup<'a>,
}

impl<'a> Scope<'a> {
    /// Creates a scope with the variables of the environment.
    pub fn new(variable: Lookup<'a>) -> Self {
        Scope { placeholders: Vec::new(), home: None, variable }
    }

    /// Defines `{home}` and a leading `~/`, which are errors otherwise.
    #[must_use]
    pub fn with_home(mut self, home: impl Into<String>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// Defines the placeholder `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.placeholders.push((name, value.into()));
        self
    }

    fn home(&self, written: &str) -> Result<&str, Problem> {
        self.home.as_deref().ok_or_else(|| Problem::NoHome { written: written.to_owned() })
    }

    fn placeholder(&self, name: &str) -> Option<&str> {
        // A later definition replaces an earlier one.
        self.placeholders.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// How text is treated that looks like a replacement and is none: an unknown `{name}`, `$(…)`, and other forms of `${…}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is an error.
    Refused,
    /// It is kept, because a command may contain braces of its own.
    Kept,
}

/// Why the replacement in a word failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The placeholder does not exist; `nearest` is the most similar one.
    Placeholder { name: String, nearest: Option<String> },
    /// The variable is not set.
    Variable { name: String },
    /// The variable is not set, and the value has a message for that.
    Required { name: String, message: String },
    /// `~` or `{home}` is used, and the user has no home folder.
    NoHome { written: String },
    /// A shell would run this text.
    Command { written: String },
    /// A form of `${…}` that is not supported.
    Form { written: String },
}

/// Replaces in one word; an unquoted variable that is the whole word may become several words, or none.
pub(crate) fn replace(word: &RawWord, scope: &Scope, unknown: Unknown) -> Result<Vec<Word>, Problem> {
    if let [Fragment { text, quoting: Quoting::Bare }] = word.as_slice()
        && let Dollar::Reference(reference) = Dollar::parse(text)
        && reference.length == text.len()
    {
        return Ok(fields(&reference.expand(scope, unknown)?));
    }
    Ok(vec![replace_whole(word, scope, unknown)?])
}

/// Splits text as a shell splits the value of a variable without quotes.
fn fields(pieces: &[Piece]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut word: Option<Word> = None;
    for piece in pieces {
        // The default IFS of a shell is blank, tab and newline.
        for (index, part) in piece.text().split([' ', '\t', '\n']).enumerate() {
            if index > 0 {
                words.extend(word.take());
            }
            if !part.is_empty() {
                word.get_or_insert_default().push(piece.with_text(part));
            }
        }
    }
    words.extend(word);
    words
}

/// Replaces in one word, and returns one word.
pub(crate) fn replace_whole(word: &RawWord, scope: &Scope, unknown: Unknown) -> Result<Word, Problem> {
    let mut rendering = Rendering::new(scope, unknown);
    for (index, fragment) in word.iter().enumerate() {
        match (index, fragment) {
            // As in a shell, a tilde is replaced only at the start of a word and without quotes.
            (0, Fragment { text, quoting: Quoting::Bare }) if text.starts_with("~/") => {
                rendering.word.push_text(scope.home("~/")?);
                rendering.fragment(&text[1..], Quoting::Bare)?;
            }
            (_, Fragment { text, quoting }) => rendering.fragment(text, *quoting)?,
        }
    }
    Ok(rendering.word)
}

/// Replaces in the text that a `${NAME:-text}` has for a variable.
fn replace_text(text: &str, scope: &Scope, unknown: Unknown) -> Result<Vec<Piece>, Problem> {
    let mut rendering = Rendering::new(scope, unknown);
    rendering.fragment(text, Quoting::Bare)?;
    Ok(rendering.word.pieces().to_vec())
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

impl<'a> Rendering<'a> {
    fn new(scope: &'a Scope<'a>, unknown: Unknown) -> Self {
        Rendering { scope, unknown, word: Word::default(), after_dollar: false, open_braces: 0 }
    }

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
                '`' if quoting != Quoting::Single => self.backtick(rest)?,
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
        match Dollar::parse(rest) {
            Dollar::Reference(reference) => {
                reference
                    .expand(self.scope, self.unknown)?
                    .into_iter()
                    .for_each(|piece| self.word.push(piece));
                self.after_dollar = false;
                Ok(reference.length)
            }
            Dollar::Command(command) if self.is_strict() => {
                Err(Problem::Command { written: command.to_owned() })
            }
            Dollar::Unsupported(form) if self.is_strict() => Err(Problem::Form { written: form.to_owned() }),
            // They are for a shell in the container.
            Dollar::Command(_) | Dollar::Unsupported(_) | Dollar::Text => Ok(self.literal(rest, 1)),
        }
    }

    fn backtick(&mut self, rest: &str) -> Result<usize, Problem> {
        if self.is_strict() {
            let command = rest[1..].split('`').next().unwrap_or_default();
            return Err(Problem::Command { written: command.to_owned() });
        }
        Ok(self.literal(rest, 1))
    }

    fn is_strict(&self) -> bool {
        self.unknown == Unknown::Refused
    }

    fn opening_brace(&mut self, rest: &str) -> Result<usize, Problem> {
        if rest.starts_with("{{") {
            self.open_braces += 1;
            self.literal("{", 1);
            return Ok(2);
        }
        // Braces around other text, as in JSON or awk, are not placeholders.
        let Some(name) = placeholder_name(rest).filter(|name| is_name(name) || self.is_strict()) else {
            return Ok(self.literal(rest, 1));
        };
        let length = name.len() + 2;
        match self.scope.placeholder(name) {
            Some(value) => self.word.push_text(value),
            None if name == "home" => self.word.push_text(self.scope.home("{home}")?),
            None if self.is_strict() => {
                let known = self.scope.placeholders.iter().map(|(known, _)| *known).chain(["home"]);
                let nearest = nearest(name, known).map(str::to_owned);
                return Err(Problem::Placeholder { name: name.to_owned(), nearest });
            }
            None => self.word.push_text(&rest[..length]),
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

/// Returns the text in `{text}` at the start of `text` if it is, or looks like, the name of a placeholder.
fn placeholder_name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let is_similar = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_';
    (name.starts_with(begins) && name.chars().all(is_similar)).then_some(name)
}

#[cfg(test)]
mod tests;
