//! Variables, quotes and escapes in a word of a Dockerfile, with BuildKit's rules.
//!
//! <https://docs.docker.com/reference/dockerfile/#environment-replacement> and
//! <https://github.com/moby/buildkit/blob/master/frontend/dockerfile/shell/lex.go>

use std::iter::Peekable;
use std::str::Chars;

use super::pattern::Pattern;

/// Returns the value of a variable, or `None` if it is not set.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A word that docker refuses: a quote or brace that is never closed, or a form of `${…}` that docker does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// Replaces the variables of a word and removes its quotes and escapes.
///
/// # Errors
/// Fails if docker would refuse the word.
pub(super) fn expand(text: &str, escape: char, lookup: Lookup) -> Result<String, Malformed> {
    let keeps = Keeps { quotes: false, escapes: false, unset: false };
    Ok(Lexer { chars: text.chars().peekable(), escape, lookup, keeps }.text(None, false)?.whole)
}

/// Splits a line into words that keep their quotes, escapes and variables. A line that docker cannot split has none.
pub(super) fn words(line: &str) -> Vec<String> {
    let keeps = Keeps { quotes: true, escapes: true, unset: true };
    let mut lexer = Lexer { chars: line.chars().peekable(), escape: '\\', lookup: &|_| None, keeps };
    lexer.text(None, true).map(Text::into_words).unwrap_or_default()
}

/// Splits the arguments of ARG at blanks outside quotes. The words keep their quotes and escapes.
pub(super) fn words_of_arg(text: &str, escape: char) -> Vec<String> {
    let mut words = Text::default();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == escape && quote != Some('\'') {
            // An escape at the end of the text has no effect.
            if let Some(escaped) = chars.next() {
                words.push_quoted(&String::from_iter([c, escaped]));
            }
            continue;
        }
        match quote {
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
        if quote.is_some() { words.push_quoted(&c.to_string()) } else { words.push(c) }
    }
    words.into_words()
}

/// Removes the quotes of a text. `None` if it is not a single word.
pub(super) fn single_word(text: &str) -> Option<String> {
    let keeps = Keeps { quotes: false, escapes: false, unset: true };
    let mut lexer = Lexer { chars: text.chars().peekable(), escape: '\\', lookup: &|_| None, keeps };
    match lexer.text(None, false).ok()?.into_words().as_mut_slice() {
        [word] => Some(std::mem::take(word)),
        _ => None,
    }
}

/// What stays in the result as it is written.
#[derive(Clone, Copy)]
struct Keeps {
    quotes: bool,
    escapes: bool,
    unset: bool,
}

struct Lexer<'a> {
    chars: Peekable<Chars<'a>>,
    escape: char,
    lookup: Lookup<'a>,
    keeps: Keeps,
}

/// A text, and the words that its blanks separate.
#[derive(Default)]
struct Text {
    whole: String,
    words: Vec<String>,
    word: String,
}

impl Text {
    /// Adds a character that separates words if it is a blank.
    fn push(&mut self, c: char) {
        self.whole.push(c);
        if !c.is_whitespace() {
            self.word.push(c);
        } else if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }

    /// Adds text whose blanks do not separate words.
    fn push_quoted(&mut self, text: &str) {
        self.whole.push_str(text);
        self.word.push_str(text);
    }

    fn into_words(mut self) -> Vec<String> {
        if !self.word.is_empty() {
            self.words.push(self.word);
        }
        self.words
    }
}

impl Lexer<'_> {
    /// Reads up to `end`, or up to the end of the text.
    fn text(&mut self, end: Option<char>, keeps_escapes: bool) -> Result<Text, Malformed> {
        let outer = std::mem::replace(&mut self.keeps.escapes, keeps_escapes);
        let text = self.text_up_to(end);
        self.keeps.escapes = outer;
        text
    }

    fn text_up_to(&mut self, end: Option<char>) -> Result<Text, Malformed> {
        let mut text = Text::default();
        while let Some(c) = self.chars.next() {
            match c {
                _ if Some(c) == end => return Ok(text),
                '$' => self.dollar()?.chars().for_each(|c| text.push(c)),
                '\'' => text.push_quoted(&self.single_quoted()?),
                '"' => text.push_quoted(&self.double_quoted()?),
                '<' => text.push_quoted(&self.less_than()),
                _ if c == self.escape => {
                    if self.keeps.escapes {
                        text.push_quoted(&c.to_string());
                    }
                    // At the end of the text an escape has no effect.
                    text.push_quoted(&self.chars.next().map(String::from).unwrap_or_default());
                }
                _ => text.push(c),
            }
        }
        if end.is_some() { Err(Malformed) } else { Ok(text) }
    }

    fn single_quoted(&mut self) -> Result<String, Malformed> {
        let mut text = String::new();
        loop {
            match self.chars.next().ok_or(Malformed)? {
                '\'' => return Ok(self.in_quotes(text, '\'')),
                c => text.push(c),
            }
        }
    }

    fn double_quoted(&mut self) -> Result<String, Malformed> {
        let mut text = String::new();
        loop {
            match self.chars.next().ok_or(Malformed)? {
                '"' => return Ok(self.in_quotes(text, '"')),
                '$' => text.push_str(&self.dollar()?),
                c if c == self.escape => {
                    if self.keeps.escapes {
                        text.push(c);
                    }
                    // Before any other character it stands for itself.
                    let escapes = |next: &char| matches!(*next, '"' | '$') || *next == c;
                    text.push(self.chars.next_if(escapes).unwrap_or(c));
                }
                c => text.push(c),
            }
        }
    }

    fn in_quotes(&self, text: String, quote: char) -> String {
        if self.keeps.quotes { format!("{quote}{text}{quote}") } else { text }
    }

    /// Reads `<<` with the blanks after it, which do not separate the name of a heredoc.
    fn less_than(&mut self) -> String {
        let mut text = "<".to_owned();
        if self.chars.next_if_eq(&'<').is_some() {
            text.push('<');
            while let Some(blank) = self.chars.next_if(|c| matches!(c, '\t' | '\r' | ' ')) {
                text.push(blank);
            }
        }
        text
    }

    /// Reads the rest of `$NAME` or `${…}`, and returns its value.
    fn dollar(&mut self) -> Result<String, Malformed> {
        if self.chars.next_if_eq(&'{').is_some() {
            return self.braces();
        }
        let name = self.name();
        if name.is_empty() {
            return Ok("$".to_owned());
        }
        Ok(self.value(&name).unwrap_or_else(|| self.unset(format!("${name}"))))
    }

    fn braces(&mut self) -> Result<String, Malformed> {
        if matches!(self.chars.peek(), None | Some('{' | '}' | ':')) {
            return Err(Malformed);
        }
        let name = self.name();
        let value = self.value(&name);
        let written = match self.chars.next().ok_or(Malformed)? {
            '}' => return Ok(value.unwrap_or_else(|| self.unset(format!("${{{name}}}")))),
            ':' => {
                let operator = self.chars.next().ok_or(Malformed)?;
                let word = self.text(Some('}'), false)?.whole;
                match value {
                    None if self.keeps.unset => format!("${{{name}:{operator}{word}}}"),
                    value => return conditional(operator, value.filter(|value| !value.is_empty()), word),
                }
            }
            operator @ ('-' | '+' | '?') => {
                let word = self.text(Some('}'), false)?.whole;
                match value {
                    None if self.keeps.unset => format!("${{{name}{operator}{word}}}"),
                    value => return conditional(operator, value, word),
                }
            }
            operator @ ('#' | '%') => {
                let word = self.text(Some('}'), true)?.whole;
                match value {
                    None if self.keeps.unset => format!("${{{name}{operator}{word}}}"),
                    value => return trimmed(operator, &value.unwrap_or_default(), &word),
                }
            }
            '/' => {
                let all = self.chars.next_if_eq(&'/').is_some();
                let pattern = self.text(Some('/'), true)?.whole;
                let replacement = self.text(Some('}'), true)?.whole;
                match value {
                    None if self.keeps.unset => format!("${{{name}/{pattern}/{replacement}}}"),
                    value => {
                        let pattern = Pattern::parse(&pattern).ok_or(Malformed)?;
                        return Ok(pattern.replace(&value.unwrap_or_default(), &replacement, all));
                    }
                }
            }
            _ => return Err(Malformed),
        };
        Ok(written)
    }

    fn value(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    fn unset(&self, written: String) -> String {
        if self.keeps.unset { written } else { String::new() }
    }

    /// Reads a name: letters, digits and `_`; or digits alone; or one of the shell's special parameters.
    fn name(&mut self) -> String {
        let mut name = String::new();
        if let Some(special) = self.chars.next_if(|c| "@*#?-$!".contains(*c)) {
            return special.to_string();
        }
        let is_number = self.chars.peek().is_some_and(|c| c.is_numeric());
        let belongs = |c: &char| c.is_numeric() || (!is_number && (c.is_alphabetic() || *c == '_'));
        while let Some(c) = self.chars.next_if(belongs) {
            name.push(c);
        }
        name
    }
}

/// Evaluates `${NAME-word}`, `${NAME+word}` and `${NAME?word}`.
fn conditional(operator: char, value: Option<String>, word: String) -> Result<String, Malformed> {
    match (operator, value) {
        ('-', value) => Ok(value.unwrap_or(word)),
        ('+', value) => Ok(value.map(|_| word).unwrap_or_default()),
        // Docker stops with the word as its message.
        ('?', value) => value.ok_or(Malformed),
        _ => Err(Malformed),
    }
}

/// Evaluates `${NAME#pattern}`, `${NAME##pattern}`, `${NAME%pattern}` and `${NAME%%pattern}`.
fn trimmed(operator: char, value: &str, word: &str) -> Result<String, Malformed> {
    let (word, longest) = match word.strip_prefix(operator) {
        Some(word) => (word, true),
        None => (word, false),
    };
    let pattern = Pattern::parse(word).ok_or(Malformed)?;
    Ok(if operator == '#' { pattern.trim_start(value, longest) } else { pattern.trim_end(value, longest) })
}

#[cfg(test)]
mod tests;
