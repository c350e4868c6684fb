//! Variables for the container, with secrets passed by name.
//!
//! For `-e NAME` without a value, docker takes the value from its own environment. A secret is passed in this way, because
//! `ps` and the echo show arguments. `--build-arg NAME` works in the same way.

use dockerutils_command::Command;
use dockerutils_config::{Piece, Value, Word};

use crate::error::Error;

/// The variables of AWS that a container gets if they are set.
pub(crate) const AWS: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
];

/// Words that mark a variable as a secret if its name contains one of them.
const SECRET: [&str; 6] = ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "PRIVATE_KEY"];

/// Flags that accept `NAME=VALUE`, or `NAME` alone for a value from docker's own environment.
const ACCEPTS_NAME: [&str; 3] = ["-e", "--env", "--build-arg"];

/// Adds the words of a value, secrets by name.
///
/// # Errors
/// Fails if a secret would become part of an argument that docker does not accept by name.
pub(crate) fn add_words(mut command: Command, value: &Value, words: &[Word]) -> Result<Command, Error> {
    let mut flag = None;
    for word in words {
        command = add_word(command, value, word, flag.as_deref())?;
        flag = Some(word.text()).filter(|text| ACCEPTS_NAME.contains(&text.as_str()));
    }
    Ok(command)
}

/// Adds `-e NAME=VALUE`.
///
/// # Errors
/// Fails in the same cases as [`add_words`].
pub(crate) fn add_variable(command: Command, value: &Value, word: &Word) -> Result<Command, Error> {
    let setting = word.clone().prefixed(&format!("{}=", value.key));
    add_word(command.arg("-e"), value, &setting, Some("-e"))
}

/// Adds the variables of AWS that are set and not empty, each as `-e NAME`.
pub(crate) fn add_aws(command: Command) -> Command {
    AWS.iter()
        .filter(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
        .fold(command, |command, name| command.arg("-e").arg(*name))
}

fn add_word(command: Command, value: &Value, word: &Word, flag: Option<&str>) -> Result<Command, Error> {
    let Some(secret) = secret_in(word) else { return Ok(command.arg(word.text())) };
    // Docker passes a whole variable by name: the value must be nothing but the secret.
    if let [Piece::Text(text), Piece::Variable { .. }] = word.pieces()
        && let Some((prefix, name)) = setting_of(text, flag)
    {
        return Ok(command.arg(format!("{prefix}{name}")).env_from(name, secret));
    }
    let problem = format!(
        "the value of ${secret} would be part of an argument, which every user of this machine can read: pass it by name with -e {secret}"
    );
    Err(value.error(problem).into())
}

/// Splits `NAME=` after its flag, or `-eNAME=`, `--env=NAME=`, `--build-arg=NAME=`, into the text before NAME and NAME.
fn setting_of<'a>(text: &'a str, flag: Option<&str>) -> Option<(&'a str, &'a str)> {
    let setting = text.strip_suffix('=')?;
    let name = match flag {
        Some(_) => setting,
        None => ["--env=", "--build-arg=", "-e"].iter().find_map(|flag| setting.strip_prefix(flag))?,
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name =
        !name.is_empty() && name.chars().all(legal) && !name.starts_with(|c: char| c.is_ascii_digit());
    is_name.then(|| setting.split_at(setting.len() - name.len()))
}

fn secret_in(word: &Word) -> Option<&str> {
    word.pieces().iter().find_map(|piece| match piece {
        // An empty variable has nothing to hide.
        Piece::Variable { name, value } if is_secret(name) && !value.is_empty() => Some(name.as_str()),
        _ => None,
    })
}

fn is_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    SECRET.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mark_secrets() {
        for name in [
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_SECURITY_TOKEN",
            "DB_PASSWORD",
            "github_token",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["HOME", "DISPLAY", "AWS_REGION", "AWS_ACCESS_KEY_ID", "KEYBOARD"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_setting_is_found_after_its_flag_or_joined_to_it() {
        assert_eq!(setting_of("A=", Some("-e")), Some(("", "A")));
        assert_eq!(setting_of("-eA=", None), Some(("-e", "A")));
        assert_eq!(setting_of("--env=A=", None), Some(("--env=", "A")));
        assert_eq!(setting_of("--build-arg=A=", None), Some(("--build-arg=", "A")));
        assert_eq!(setting_of("--label=A=", None), None);
        assert_eq!(setting_of("A=x-", Some("-e")), None);
        assert_eq!(setting_of("A", Some("-e")), None);
    }
}
