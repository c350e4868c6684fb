//! The scripts before and after a build.

use dockerutils_command::{Command, quote};
use dockerutils_config::{Value, Word};
use dockerutils_project::{Image, Project};

use crate::environment::{Role, add_words};
use crate::error::Error;

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
        if let Some(fault) = fault(image.project(), &words) {
            return Err(value.error(fault).into());
        }
        let command = Command::new(program.text()).dir(image.project().root());
        Ok(Script {
            value,
            command: add_words(command, value, args, Role::Script, &image.section.not_secret)?,
        })
    }
}

/// The programs whose first argument is a script.
const INTERPRETERS: [&str; 10] =
    ["bash", "dash", "ksh", "node", "perl", "python", "python3", "ruby", "sh", "zsh"];

/// Returns why the script must not be run, if another user could replace it.
fn fault(project: &Project, words: &[Word]) -> Option<String> {
    let program = words.first()?.text();
    let name = program.rsplit('/').next().unwrap_or_default();
    let script = words.iter().skip(1).map(Word::text).find(|word| !word.starts_with('-'));
    let script = script.filter(|_| INTERPRETERS.contains(&name));
    // A program without a slash is found on PATH, which the user has chosen.
    let program = program.contains('/').then_some(program.clone());
    [program, script]
        .into_iter()
        .flatten()
        .find_map(|path| project.trust().script_fault(&project.root().join(path)))
}

/// Fails if a word without quotes is shell syntax, which the program would get as an argument.
fn check_shell_syntax(value: &Value) -> Result<(), Error> {
    let words = value.unquoted_words()?;
    let is_syntax = |(index, word): &(usize, &String)| {
        // Keywords and assignments count only where a command begins.
        is_operator(word) || (*index == 0 && (SHELL_WORDS.contains(&word.as_str()) || is_assignment(word)))
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
        assert!(
            is_assignment("A_1=x") && !is_assignment("--a=x") && !is_assignment("1=x") && !is_assignment("a")
        );
    }
}
