//! Words of the configuration that docker would not take for flags.
//!
//! docker takes the first word that is not a flag for the image, and a flag without its value takes the next word: the
//! image, or a flag of ours.

use std::fmt;

use crate::flag_values::{BUILD_VALUES, RUN_VALUES};
use crate::flags::{BUILD_SWITCHES, Flag, RUN_SWITCHES, flags, takes_next_word};

/// The flags of one docker command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verb {
    switches: &'static [&'static str],
    values: &'static [&'static str],
    /// What docker takes a word for that is not a flag.
    operand: &'static str,
}

impl Verb {
    /// Returns the flags among the words.
    pub(crate) fn flags<'w>(&self, words: &'w [String]) -> Vec<Flag<'w>> {
        flags(words, self.switches)
    }
}

pub(crate) const RUN: Verb = Verb { switches: &RUN_SWITCHES, values: RUN_VALUES, operand: "the image" };
pub(crate) const BUILD: Verb =
    Verb { switches: &BUILD_SWITCHES, values: BUILD_VALUES, operand: "the context" };

/// A word that is not a flag, or a flag without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagFault {
    /// The word is not a flag.
    NotAFlag {
        /// The word.
        word: String,
        /// What docker would take it for.
        operand: &'static str,
    },
    /// The last flag has no value.
    NoValue {
        /// The flag, with its dashes.
        flag: String,
    },
}

impl FlagFault {
    pub(crate) fn is_about(&self, text: &str) -> bool {
        match self {
            FlagFault::NotAFlag { word, .. } => word == text,
            FlagFault::NoValue { flag } => flag == text,
        }
    }

    /// Shows the word in another way.
    pub(crate) fn shown_as(self, shown: String) -> Self {
        match self {
            FlagFault::NotAFlag { operand, .. } => FlagFault::NotAFlag { word: shown, operand },
            FlagFault::NoValue { .. } => FlagFault::NoValue { flag: shown },
        }
    }
}

impl fmt::Display for FlagFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FlagFault::NotAFlag { word, operand } => {
                write!(f, "`{word}` is not a flag, and docker would take it for {operand}")
            }
            FlagFault::NoValue { flag } => {
                write!(
                    f,
                    "`{flag}` has no value, and docker would take the next word for it: write `{flag} VALUE`"
                )
            }
        }
    }
}

/// Returns the first word of `docker run`'s flags that is not a flag, or a flag without its value.
///
/// # Errors
/// Returns that word.
pub fn check_run_flags(words: &[String]) -> Result<(), FlagFault> {
    check(words, RUN)
}

/// Checks the flags of `docker build` as [`check_run_flags`] does those of `docker run`.
///
/// # Errors
/// Returns the first word that is not a flag, or a flag without its value.
pub fn check_build_flags(words: &[String]) -> Result<(), FlagFault> {
    check(words, BUILD)
}

/// Returns the first word that is not a flag of this command, or the last flag if it has no value.
pub(crate) fn check(words: &[String], verb: Verb) -> Result<(), FlagFault> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        // `--` ends the flags, so that docker takes the next word for its operand.
        if !word.starts_with('-') || matches!(word.as_str(), "-" | "--") {
            return Err(FlagFault::NotAFlag { word: word.clone(), operand: verb.operand });
        }
        // A flag that we do not know may be a switch of a newer docker.
        let is_known = || verb.values.contains(&last_name(word, verb));
        if takes_next_word(word, verb.switches) && words.next().is_none() && is_known() {
            return Err(FlagFault::NoValue { flag: word.clone() });
        }
    }
    Ok(())
}

/// Returns the name of a flag, or of the last one of several short flags that are joined.
fn last_name(word: &str, verb: Verb) -> &str {
    match word.strip_prefix("--") {
        Some(name) => name,
        None => {
            let joined = word.trim_start_matches('-');
            let first = joined.find(|letter: char| !verb.switches.contains(&letter.to_string().as_str()));
            first.map_or("", |first| &joined[first..])
        }
    }
}

/// Returns how the word is written in a key, if the key has a flag of its own.
pub(crate) fn right_spelling(key: &str, word: &str) -> Option<String> {
    let flag = match key {
        "volumes" => "-v",
        "ports" => "-p",
        "environment" => "-e",
        "gpu" => "--gpus",
        "build_args" if word.contains('=') => "--build-arg",
        _ => return None,
    };
    // In double quotes, a variable is replaced in the same way as without quotes.
    Some(if word.contains(char::is_whitespace) {
        format!("{flag} \"{word}\"")
    } else {
        format!("{flag} {word}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Result<(), FlagFault> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        check_run_flags(&words)
    }

    #[test]
    fn flags_with_their_values_are_accepted() {
        for text in [
            "",
            "-p 80:80 --rm -itv /a:/b",
            "--label --rm",
            "--label=",
            "--unknown-switch",
            "--unknown value -d",
            "-v=/a:/b -dp80:80 -e-x",
            "--pull always --net=host",
        ] {
            assert_eq!(run(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_word_that_is_not_a_flag_is_found() {
        for (text, found) in [
            ("8888:8888", "8888:8888"),
            ("-p 1:1 2:2", "2:2"),
            ("--rm x", "x"),
            ("-it /a:/b", "/a:/b"),
            ("-- x", "--"),
            ("-", "-"),
            ("--init=true x", "x"),
        ] {
            let expected = FlagFault::NotAFlag { word: found.to_owned(), operand: "the image" };
            assert_eq!(run(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_flag_without_its_value_is_found() {
        for (text, found) in [("--label", "--label"), ("--rm -v", "-v"), ("-p 1:1 -itp", "-itp")] {
            assert_eq!(run(text), Err(FlagFault::NoValue { flag: found.to_owned() }), "{text}");
        }
    }

    #[test]
    fn no_flag_is_both_a_switch_and_a_flag_with_a_value() {
        for verb in [RUN, BUILD] {
            assert!(verb.values.iter().all(|name| !verb.switches.contains(name)));
        }
    }
}
