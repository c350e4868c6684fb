//! Shell words with their quoting.
//!
//! A value is split as a POSIX shell splits it (quotes, backslashes, blanks; no globbing, no substitution) *before*
//! anything is replaced in it. Published splitters return the text of each word without its quoting. Replacement needs
//! to know which characters were in single quotes or after a backslash, so this splitter keeps the quoting.
//! <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02>

use std::iter::Peekable;
use std::str::Chars;

/// How a part of a word was quoted, which decides about replacement in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// Not quoted: `{name}` and `$NAME` are replaced.
    Bare,
    /// In double quotes: both are replaced, and the result is never split.
    Double,
    /// In single quotes: only `{name}` is replaced.
    Single,
    /// A character after a backslash: not replaced.
    Escaped,
}

/// A run of characters of one word with the same quoting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fragment {
    pub(crate) text: String,
    pub(crate) quoting: Quoting,
}

/// The fragments of one word. An empty pair of quotes is an empty fragment, so `''` is a word.
pub(crate) type RawWord = Vec<Fragment>;

/// The error of a quote that is never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unclosed(pub(crate) char);

/// Splits a value into words.
pub(crate) fn split(text: &str) -> Result<Vec<RawWord>, Unclosed> {
    Lexer::new(text, true).words()
}

/// Reads a whole value as one word: quotes and backslashes have the meaning of [`split`], blanks have none.
pub(crate) fn whole(text: &str) -> Result<RawWord, Unclosed> {
    Ok(Lexer::new(text, false).words()?.pop().unwrap_or_default())
}

/// Splits the text of a command line as a shell does, but without replacement and without comments: `#` is text.
///
/// Returns `None` if a quote is never closed.
pub fn split_words(text: &str) -> Option<Vec<String>> {
    let lexer = Lexer { keeps_variables: false, ..Lexer::new(text, true) };
    let text = |word: RawWord| word.into_iter().map(|fragment| fragment.text).collect();
    Some(lexer.words().ok()?.into_iter().map(text).collect())
}

/// Returns the number of characters of the `{…}` at the start of the text after a `$`; it may contain further braces.
pub(crate) fn braced_length(text: impl Iterator<Item = char>) -> Option<usize> {
    let mut depth = 0usize;
    for (index, c) in text.enumerate() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return (index > 0).then_some(index + 1);
        }
    }
    None
}

struct Lexer<'a> {
    chars: Peekable<Chars<'a>>,
    blanks_split: bool,
    /// Whether `${…}` is one unit.
    keeps_variables: bool,
    words: Vec<RawWord>,
    word: Option<RawWord>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, blanks_split: bool) -> Self {
        Lexer {
            chars: text.chars().peekable(),
            blanks_split,
            keeps_variables: true,
            words: Vec::new(),
            word: None,
        }
    }

    fn words(mut self) -> Result<Vec<RawWord>, Unclosed> {
        while let Some(c) = self.chars.next() {
            match c {
                ' ' | '\t' | '\n' if self.blanks_split => self.words.extend(self.word.take()),
                '\'' => self.single()?,
                '"' => self.double()?,
                '\\' => match self.chars.next() {
                    // A backslash at the end of a line joins it with the next one.
                    Some('\n') => {}
                    Some(escaped) => self.push(escaped, Quoting::Escaped),
                    // As in shells, a backslash at the end stands for itself.
                    None => self.push('\\', Quoting::Escaped),
                },
                '$' => self.dollar(Quoting::Bare),
                other => self.push(other, Quoting::Bare),
            }
        }
        self.words.extend(self.word);
        Ok(self.words)
    }

    fn single(&mut self) -> Result<(), Unclosed> {
        self.open(Quoting::Single);
        loop {
            match self.chars.next() {
                Some('\'') => return Ok(()),
                Some(c) => self.push(c, Quoting::Single),
                None => return Err(Unclosed('\'')),
            }
        }
    }

    fn double(&mut self) -> Result<(), Unclosed> {
        self.open(Quoting::Double);
        loop {
            match self.chars.next() {
                Some('"') => return Ok(()),
                Some('\\') => match self.chars.next() {
                    Some('\n') => {}
                    // In double quotes a backslash escapes these characters only, and otherwise stands for itself.
                    Some(c @ ('$' | '`' | '"' | '\\')) => self.push(c, Quoting::Escaped),
                    Some(c) => {
                        self.push('\\', Quoting::Double);
                        self.push(c, Quoting::Double);
                    }
                    None => return Err(Unclosed('"')),
                },
                Some('$') => self.dollar(Quoting::Double),
                Some(c) => self.push(c, Quoting::Double),
                None => return Err(Unclosed('"')),
            }
        }
    }

    /// Consumes `${…}` as one unit, so that `${FLAGS:--a -b}` is not split at its blank.
    fn dollar(&mut self, quoting: Quoting) {
        self.push('$', quoting);
        // Without a closing brace the text is ordinary.
        let length = braced_length(self.chars.clone()).filter(|_| self.keeps_variables).unwrap_or(0);
        for c in self.chars.by_ref().take(length) {
            push(self.word.get_or_insert_default(), c, quoting);
        }
    }

    fn open(&mut self, quoting: Quoting) {
        self.word.get_or_insert_default().push(Fragment { text: String::new(), quoting });
    }

    fn push(&mut self, c: char, quoting: Quoting) {
        push(self.word.get_or_insert_default(), c, quoting);
    }
}

fn push(word: &mut RawWord, c: char, quoting: Quoting) {
    match word.last_mut() {
        Some(last) if last.quoting == quoting => last.text.push(c),
        _ => word.push(Fragment { text: c.to_string(), quoting }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bare(text: &str) -> Option<Vec<String>> {
        let words = split(text).ok()?;
        Some(words.into_iter().map(|word| word.into_iter().map(|fragment| fragment.text).collect()).collect())
    }

    #[test]
    fn quoting_is_kept() {
        let word = split(r#"a'b'"c"\d"#).unwrap().remove(0);
        let quoting: Vec<Quoting> = word.iter().map(|fragment| fragment.quoting).collect();
        assert_eq!(quoting, [Quoting::Bare, Quoting::Single, Quoting::Double, Quoting::Escaped]);
    }

    #[test]
    fn an_unclosed_quote_is_an_error() {
        assert_eq!(split("a 'b"), Err(Unclosed('\'')));
        assert_eq!(split("a \"b"), Err(Unclosed('"')));
    }

    #[test]
    fn a_command_line_has_no_comments_and_no_variables() {
        assert_eq!(split_words("a #b 'c # d' ${X e}").unwrap(), ["a", "#b", "c # d", "${X", "e}"]);
        assert_eq!(split_words("a 'b"), None);
    }

    #[test]
    fn a_braced_variable_is_one_unit() {
        assert_eq!(bare("${A:-${B:-b c} d} e").unwrap(), ["${A:-${B:-b c} d}", "e"]);
        assert_eq!(bare("${A:-b c} d").unwrap(), ["${A:-b c}", "d"]);
        assert_eq!(bare("${A b").unwrap(), ["${A", "b"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Without `${…}`, the words are those of an independent POSIX splitter.
        #[test]
        fn splits_as_shell_words_does(text in "[ab \t\n'\"\\\\{}=:é]{0,24}") {
            prop_assert_eq!(bare(&text), shell_words::split(&text).ok());
        }
    }
}
