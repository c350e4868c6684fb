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

/// The programs whose first argument is a script; a version may follow the name, as in `python3.12`.
const INTERPRETERS: [&str; 9] = ["bash", "dash", "ksh", "node", "perl", "python", "ruby", "sh", "zsh"];

/// The programs that run another one, which stands among their arguments.
const LAUNCHERS: [&str; 8] = ["command", "env", "nice", "nohup", "setsid", "sudo", "time", "timeout"];

/// Returns why the script must not be run, if another user could replace it.
fn fault(project: &Project, words: &[Word]) -> Option<String> {
    let words: Vec<String> = words.iter().map(Word::text).collect();
    scripts(&words).into_iter().find_map(|path| project.trust().script_fault(&project.root().join(path)))
}

/// Returns the words that may be paths of programs or scripts.
fn scripts(words: &[String]) -> Vec<&String> {
    let Some((program, arguments)) = words.split_first() else { return Vec::new() };
    let name = program.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    // A program without a slash is found on PATH, which the user has chosen.
    let mut scripts: Vec<&String> =
        Some(program).filter(|program| program.contains('/')).into_iter().collect();
    if LAUNCHERS.contains(&name) {
        // Words that are no files do no harm: `env -u NAME sh prep.sh`.
        scripts.extend(arguments);
    } else if INTERPRETERS.contains(&name) {
        scripts.extend(arguments.iter().find(|word| !word.starts_with('-')));
    }
    scripts
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
    fn scripts_are_found_behind_interpreters_and_launchers() {
        for (line, expected) in [
            ("./a.sh b", vec!["./a.sh"]),
            ("sh -e a.sh b.sh", vec!["a.sh"]),
            ("/usr/bin/python3.12 a.py", vec!["/usr/bin/python3.12", "a.py"]),
            ("env python a.py", vec!["python", "a.py"]),
            ("cp a b", vec![]),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(scripts(&words), expected, "{line}");
        }
    }

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
