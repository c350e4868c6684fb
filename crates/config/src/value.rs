//! The value of a key with its place in the file, read as words, as one word, or as a boolean.

use crate::error::{Error, Place};
use crate::keys::DOCKED;
use crate::shell_words::{Fragment, Quoting, Unclosed, split, whole};
use crate::template::{Problem, Scope, Unknown, Word, replace, replace_whole};

/// The value of a key, as written in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The key, with `_docked` if it has that suffix.
    pub key: String,
    /// The text, before splitting and replacement.
    pub text: String,
    /// The place of the key.
    pub place: Place,
    /// How an unknown `{name}` in the value is treated.
    pub unknown: Unknown,
}

impl Value {
    /// Splits the value into shell words and replaces in each.
    ///
    /// # Errors
    /// Fails if a quote is not closed, a placeholder is unknown, or a variable is not set.
    pub fn words(&self, scope: &Scope) -> Result<Vec<Word>, Error> {
        self.check_no_nul()?;
        let mut words = Vec::new();
        for word in split(&self.text).map_err(|unclosed| self.unclosed(unclosed))? {
            words.extend(replace(&word, scope, self.unknown).map_err(|problem| self.unreplaced(problem))?);
        }
        Ok(words)
    }

    /// Returns the words without their quoted parts, as written: what a shell would look for its syntax in.
    ///
    /// # Errors
    /// Fails if a quote is not closed.
    pub fn unquoted_words(&self) -> Result<Vec<String>, Error> {
        let words = split(&self.text).map_err(|unclosed| self.unclosed(unclosed))?;
        let bare = |word: Vec<Fragment>| {
            word.into_iter().filter(|part| part.quoting == Quoting::Bare).map(|part| part.text).collect()
        };
        Ok(words.into_iter().map(bare).collect())
    }

    /// Reads the whole value as one word, blanks included, and replaces in it.
    ///
    /// # Errors
    /// Fails in the same cases as [`words`](Self::words).
    pub fn word(&self, scope: &Scope) -> Result<Word, Error> {
        self.check_no_nul()?;
        let word = whole(&self.text).map_err(|unclosed| self.unclosed(unclosed))?;
        replace_whole(&word, scope, self.unknown).map_err(|problem| self.unreplaced(problem))
    }

    /// Reads the whole value as one word in which quotes and backslashes are ordinary characters, and replaces in it.
    ///
    /// # Errors
    /// Fails if a placeholder is unknown, or a variable is not set.
    pub fn verbatim(&self, scope: &Scope) -> Result<Word, Error> {
        self.check_no_nul()?;
        let word = vec![Fragment { text: self.text.clone(), quoting: Quoting::Bare }];
        replace_whole(&word, scope, self.unknown).map_err(|problem| self.unreplaced(problem))
    }

    /// Reads the whole value as one word, of which no part may be a secret except variables that are `public`.
    ///
    /// # Errors
    /// Fails in the same cases as [`words`](Self::words), and if a variable in it is secret.
    pub fn public_word(&self, scope: &Scope, public: &[String]) -> Result<Word, Error> {
        let word = self.word(scope)?;
        self.check_public(&word, public).map(|()| word)
    }

    /// Checks that a word of this value, for which docker has no way to pass it by name, holds no secret.
    ///
    /// # Errors
    /// Fails if a variable in it is secret and not among those that are `public`.
    pub fn check_public(&self, word: &Word, public: &[String]) -> Result<(), Error> {
        match word.secret(public) {
            None => Ok(()),
            Some(secret) => Err(self.error(format!(
                "the value of ${secret} would be part of an argument, which every user of this machine can read: use another \
                 variable, or, if it is no secret, write `not_secret={secret}` in the same section"
            ))),
        }
    }

    /// Reads the value as a boolean, as Python's `configparser` does: yes/no, true/false, on/off, 1/0, in any case.
    ///
    /// # Errors
    /// Fails for any other text.
    pub fn boolean(&self) -> Result<bool, Error> {
        match self.text.to_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => Ok(true),
            "no" | "false" | "off" | "0" => Ok(false),
            _ => Err(self.error(format!(
                "`{}` is not a valid boolean: expected yes/no, true/false, on/off or 1/0",
                self.text
            ))),
        }
    }

    /// Returns the key without the suffix `_docked`.
    pub fn own_key(&self) -> &str {
        self.key.strip_suffix(DOCKED).unwrap_or(&self.key)
    }

    /// Creates an error about this value, with its key and place.
    pub fn error(&self, problem: impl Into<String>) -> Error {
        Error::Value { place: self.place.clone(), key: self.key.clone(), problem: problem.into() }
    }

    /// Fails if the key or the value has a NUL character, which ends an argument and a variable.
    fn check_no_nul(&self) -> Result<(), Error> {
        let has_nul = self.key.contains('\0') || self.text.contains('\0');
        if has_nul {
            return Err(self.error("there is a NUL character, which no command can be given: remove it"));
        }
        Ok(())
    }

    fn unclosed(&self, Unclosed(quote): Unclosed) -> Error {
        self.error(format!(
            "the quote {quote} is never closed: close it, or write \\{quote} for the character itself"
        ))
    }

    fn unreplaced(&self, problem: Problem) -> Error {
        self.error(match problem {
            Problem::Variable { name } => {
                format!("the variable ${name} is not set: set it, or write ${{{name}:-default}}")
            }
            Problem::Required { name, message } if message.is_empty() => {
                format!("the variable ${name} is required: set it")
            }
            Problem::Required { name, message } => format!("the variable ${name} is required: {message}"),
            Problem::NoHome { written } => {
                format!("`{written}` cannot be replaced, because you have no home folder: set HOME")
            }
            Problem::Command { written } => format!(
                "no shell runs `{written}`: write {{project_root}} for the project's folder, or set a variable and write \
                 $NAME (in single quotes it is ordinary text)"
            ),
            Problem::Form { written } => format!(
                "`{written}` is not replaced: write ${{NAME}}, ${{NAME:-default}}, ${{NAME:?message}} or ${{NAME:+other}} \
                 (a dollar itself is written $$)"
            ),
            Problem::Placeholder { name, nearest } => {
                let hint = nearest.map(|name| format!(", did you mean {{{name}}}?")).unwrap_or_default();
                format!(
                    "there is no placeholder {{{name}}}{hint} (braces themselves are written {{{{ and }}}})"
                )
            }
        })
    }
}
