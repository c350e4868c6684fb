//! One argument as bash reads it back.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use shell_quote::{Bash, QuoteRefExt};

/// Quotes one word so that bash, given it on a single line, reads exactly that word.
///
/// Plain words stay plain and most others get single quotes. A word with control characters (a newline above all)
/// becomes `$'…'`, because an echoed command stands on one line, and because a pasted tab or escape is a key press.
/// Bytes that are no UTF-8 are written as `\xNN`.
pub fn quote(word: &OsStr) -> String {
    match word.to_str() {
        Some(text) if text.chars().any(char::is_control) => text.quoted(Bash),
        Some(text) => shlex::try_quote(text).map_or_else(|_| text.quoted(Bash), std::borrow::Cow::into_owned),
        None => {
            let quoted: Vec<u8> = word.as_bytes().quoted(Bash);
            String::from_utf8_lossy(&quoted).into_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_as_plain_as_bash_allows() {
        for (word, quoted) in [
            ("docker", "docker"),
            ("/a/b:/c", "/a/b:/c"),
            ("--network=host", "--network=host"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", "\"it's\""),
            ("$HOME", "'$HOME'"),
            ("~/x", "'~/x'"),
            ("a\nb", "$'a\\nb'"),
        ] {
            assert_eq!(quote(OsStr::new(word)), quoted);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_written_in_hex() {
        assert_eq!(quote(OsStr::from_bytes(b"a\xff")), "$'a\\xFF'");
    }
}
