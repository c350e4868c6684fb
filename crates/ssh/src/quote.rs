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

/// Returns one line that every login shell splits into exactly these words.
///
/// A csh expands `!` and ends a quoted word at a line feed, and fish takes two backslashes in quotes for one. If a word
/// contains such a character, the line is encoded, and a POSIX shell decodes it.
///
/// # Errors
/// Returns [`Error::Nul`] if a word contains a NUL character.
pub fn remote_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<String> {
    let line = remote_command(words)?;
    if line.contains(['!', '\n', '\\']) {
        portable_script("eval \"$(printf %b \"$1\")\"", [line.as_str()])
    } else {
        Ok(line)
    }
}

/// The line that runs a script which is the first line of its input, as [`script_input`] returns it. The rest of the input
/// is that of the script: `read` takes no byte more than its line from a pipe or a socket.
///
/// Every login shell takes it as it is meant. csh ends a quoted word at a line feed, expands `!`, and limits the length of
/// a word, so a longer script cannot stand on the line itself. `exec` saves a process on the host.
pub const RUN_INPUT: &str = "exec sh -c 'IFS= read -r s && eval \"$(printf %b \"$s\")\"'";

/// Returns the input with which [`RUN_INPUT`] runs a POSIX shell script with these arguments.
///
/// # Errors
/// Returns [`Error::Nul`] if an argument contains a NUL character.
pub fn script_input(text: &str, arguments: &[String]) -> Result<String> {
    let arguments = remote_command(arguments.iter().map(String::as_str))?;
    let script = format!("set -- {arguments}\n{text}");
    // The two characters that `printf %b` decodes.
    Ok(script.replace('\\', "\\\\").replace('\n', "\\n") + "\n")
}

/// Returns one line that runs a POSIX shell script with these arguments and whatever words follow the line. Every login
/// shell takes it as it is meant, also tcsh, which expands `!` and ends a quoted word at a line feed.
///
/// The script finds its arguments encoded: it reads `$1` with `$(printf %b "$1")`. `text` must be one line without single
/// quotes, `!`, and two backslashes in a row.
///
/// # Errors
/// Returns [`Error::Nul`] if an argument contains a NUL character.
pub fn portable_script<'a>(text: &str, arguments: impl IntoIterator<Item = &'a str>) -> Result<String> {
    let mut line = format!("exec sh -c '{text}' sh");
    for argument in arguments {
        line.push(' ');
        line.push_str(&encode(argument)?);
    }
    Ok(line)
}

/// Encodes a word for `printf %b`, which reads `\0` and three octal digits as a byte.
fn encode(word: &str) -> Result<String> {
    let mut encoded = String::from("'");
    for byte in word.bytes() {
        match byte {
            0 => return Err(Error::Nul),
            b' '..=b'~' if !b"!'\\`".contains(&byte) => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("\\0{byte:03o}")),
        }
    }
    encoded.push('\'');
    Ok(encoded)
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
    fn every_login_shell_splits_a_line_into_the_same_words() {
        let words = [
            "printf",
            "[%s]",
            "it's",
            "$HOME `id`",
            "a!b !! !x",
            "a\nb",
            "\\\\ \\n \\'",
            "\"*\"",
            "",
            "~",
            "é",
        ];
        let line = remote_words(words).unwrap();
        let plain =
            remote_words(["printf", "[%s]", "it's $HOME", "a b", "\"", "{a,b}", "#x", "~", "[a]", "a;b"])
                .unwrap();
        assert!(!line.contains(['!', '\n']) && !plain.contains("eval"), "{line} {plain}");
        for shell in ["sh", "bash", "zsh", "fish", "tcsh", "csh"] {
            let output = |line: &str| {
                #[expect(clippy::disallowed_types, reason = "a test without an echo")]
                let output = std::process::Command::new(shell).args(["-c", line]).output();
                output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            };
            match output(&line) {
                Ok(printed) => {
                    let expected: String = words[2..].iter().map(|word| format!("[{word}]")).collect();
                    assert_eq!(printed, expected, "{shell}");
                    assert_eq!(
                        output(&plain).unwrap(),
                        "[it's $HOME][a b][\"][{a,b}][#x][~][[a]][a;b]",
                        "{shell}"
                    );
                }
                // Only the POSIX shell is on every machine.
                Err(error) => assert!(shell != "sh", "{error}"),
            }
        }
    }

    #[test]
    fn a_script_and_its_input_reach_every_login_shell() {
        let script = "printf \"[%s]\" \"$@\" 'it''s' \"\\\\\" !x\nexec cat\n";
        let input = script_input(script, &["a b".to_owned(), "c\nd!".to_owned()]).unwrap() + "rest\n";
        assert!(!RUN_INPUT.contains(['\n', '!', '\\']));
        for shell in ["sh", "bash", "zsh", "fish", "tcsh", "csh"] {
            #[expect(clippy::disallowed_types, reason = "a test without an echo")]
            let child = std::process::Command::new(shell)
                .args(["-c", RUN_INPUT])
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .spawn();
            // Only the POSIX shell is on every machine.
            let Ok(mut child) = child else {
                assert_ne!(shell, "sh");
                continue;
            };
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap().stdout;
            let output = String::from_utf8_lossy(&output);
            assert_eq!(output, "[a b][c\nd!][its][\\][!x]rest\n", "{shell}");
        }
    }

    #[test]
    fn a_portable_script_is_the_same_for_every_login_shell() {
        let text = "it's \"a\" $HOME `b` \\c !d\n#é";
        let line = portable_script("for arg; do printf \"[%b]\" \"$arg\"; done", [text, ""]).unwrap();
        let plain = |c: char| !matches!(c, '!' | '\n' | '`');
        assert!(line.chars().all(plain), "{line}");
        for shell in ["sh", "bash", "zsh", "fish", "tcsh"] {
            #[expect(clippy::disallowed_types, reason = "a test without an echo")]
            let output = std::process::Command::new(shell).args(["-c", &line]).output();
            match output {
                Ok(output) => {
                    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("[{text}][]"), "{shell}");
                }
                // Only the POSIX shell is on every machine.
                Err(error) => assert!(shell != "sh", "{error}"),
            }
        }
    }
}
