//! Quoting for the shell on the remote host.

use crate::{Error, Result};

/// Returns one line that the remote POSIX shell splits into exactly these words.
///
/// ssh joins its arguments with blanks and hands the result to the remote login shell, so words that are passed one by
/// one would be split and expanded again.
///
/// # Errors
/// Returns [`Error::Nul`] if a word contains a NUL character.
pub fn remote_command<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<String> {
    shlex::try_join(words).map_err(|_| Error::Nul)
}

/// Returns one line that runs a POSIX shell script with these arguments, whatever the remote login shell is.
///
/// `text` must contain no single quote and no two backslashes in a row: fish reads two backslashes as one even between
/// single quotes.
///
/// # Errors
/// Returns [`Error::Nul`] if an argument contains a NUL character.
pub fn remote_script(text: &str, arguments: &[String]) -> Result<String> {
    let arguments = remote_command(arguments.iter().map(String::as_str))?;
    // `exec` replaces the login shell, which saves a process on the host.
    Ok(format!("exec sh -c '{text}' sh {arguments}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line_of_quoted_words() {
        assert_eq!(remote_command(["ls", "a b", ""]).unwrap(), "ls 'a b' ''");
        assert!(matches!(remote_command(["a\0b"]), Err(Error::Nul)));
    }

    #[test]
    fn a_script_gets_its_arguments_quoted() {
        let line = remote_script("echo \"$1\"", &["a b".to_owned()]).unwrap();
        assert_eq!(line, "exec sh -c 'echo \"$1\"' sh 'a b'");
    }
}
