//! The scripts before and after a build.

use dockerutils_command::{Command, quote};
use dockerutils_config::Value;
use dockerutils_project::Image;

use crate::environment::{Role, add_words};
use crate::error::Error;
use crate::script_files::script_fault;

/// Words that are keywords or commands of a shell, and no programs.
const SHELL_WORDS: [&str; 21] = [
    "!", "{", ".", "[[", "alias", "case", "cd", "eval", "exec", "export", "for", "function", "if", "set",
    "shopt", "source", "trap", "ulimit", "umask", "until", "while",
];

/// A `pre_build_script` or `post_build_script`.
pub struct Script<'v> {
    /// The value of the configuration, for messages about a failure.
    pub value: &'v Value,
    /// The command, which runs at the project's root without a shell.
    pub command: Command,
}

impl<'v> Script<'v> {
    /// Evaluates the value of a script.
    pub(crate) fn new(image: &Image, value: &'v Value) -> Result<Self, Error> {
        check_shell_syntax(value)?;
        let words = value.words(&image.scope()?)?;
        let Some((program, args)) = words.split_first() else {
            return Err(value.error("has no program to run").into());
        };
        value.check_public(program, &image.section.not_secret)?;
        if let Some(fault) = script_fault(image.project(), &words) {
            return Err(value.error(fault).into());
        }
        let command = Command::new(program.text()).dir(image.project().root());
        Ok(Script {
            value,
            command: add_words(command, value, args, Role::Script, &image.section.not_secret)?,
        })
    }
}

/// Fails if a word without quotes is shell syntax, which the program would get as an argument.
fn check_shell_syntax(value: &Value) -> Result<(), Error> {
    let words = value.unquoted_words()?;
    let is_syntax = |(index, word): &(usize, &String)| {
        // Keywords and assignments count only where a command begins.
        is_operator(word)
            || is_glob(word)
            || (*index == 0 && (SHELL_WORDS.contains(&word.as_str()) || is_assignment(word)))
    };
    let Some((_, word)) = words.iter().enumerate().find(is_syntax) else { return Ok(()) };
    let (key, script) = (&value.key, quote(value.text.replace('\n', " ").as_ref()));
    Err(value
        .error(format!("`{word}` is shell syntax, and no shell runs this: write {key}=sh -c {script}"))
        .into())
}

/// Returns whether a word is an operator, a redirection such as `2>&1` or `>file`, a substitution, or ends a command.
fn is_operator(word: &str) -> bool {
    let after_number = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let operators = ["&&", "||", "|", "&", ";", ">", "<", "&>", "(", ")"];
    operators.contains(&word)
        || after_number.starts_with(['>', '<'])
        || ["&>", "|", "&&", ";"].iter().any(|operator| word.starts_with(operator))
        || ["&&", "||", "|", ";"].iter().any(|operator| word.ends_with(operator))
        || word.contains("$(")
        || word.contains('`')
}

/// Returns whether a shell would replace the word with the names of files. Brackets do not count: `pip install .[dev]`.
fn is_glob(word: &str) -> bool {
    // `${NAME:?message}` is a variable.
    word.contains('*') || (word.contains('?') && !word.contains("${") && !word.contains("://"))
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(legal) && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_shell_syntax() {
        for word in [
            "&&", "||", "|", ";", "&", ">", ">>x", "2>&1", "<in", "&>log", "done;", "a|", "$(pwd)",
            "x`date`", "(", "|tee",
        ] {
            assert!(is_operator(word), "{word}");
        }
        for word in ["a&b", "http://x/?a=1&b=2", "--x=<y>", "a;b", "{x}", "-", "*.txt", "~/x", "$HOME", "7"] {
            assert!(!is_operator(word), "{word}");
        }
        for word in ["dist/*.whl", "*", "log.?", "**/*.pyc"] {
            assert!(is_glob(word), "{word}");
        }
        for word in [".[dev]", "${X:?m}", "http://x/?a=1", "test.py::test[1]", "a.b"] {
            assert!(!is_glob(word), "{word}");
        }
        assert!(
            is_assignment("A_1=x") && !is_assignment("--a=x") && !is_assignment("1=x") && !is_assignment("a")
        );
    }
}
