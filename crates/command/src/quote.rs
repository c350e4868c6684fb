//! Quoting of one argument for bash.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use shell_quote::{Bash, QuoteRefExt};

use crate::printable::is_printable;

/// Quotes one word so that bash, given it on a single line, reads exactly that word.
///
/// Plain words stay plain and most others get single quotes. A word that is not UTF-8, or has characters that are not
/// printable (a newline, an escape, a mark that reverses text), becomes `$'…'` with `\xNN` for each such byte.
pub fn quote(word: &OsStr) -> String {
    match word.to_str() {
        Some(text) if text.chars().all(is_printable) => quote_around_equals(text),
        // An echoed command stands on one line; a terminal would take a pasted tab or escape for a key press; and what
        // is seen has to be what is pasted. Bytes rather than `\uNNNN`, which bash replaces in a UTF-8 locale only.
        _ => {
            let quoted: Vec<u8> = word.as_bytes().quoted(Bash);
            String::from_utf8_lossy(&quoted).into_owned()
        }
    }
}

/// Quotes only the value of `NAME=VALUE` and `--flag=VALUE`, as people write them.
fn quote_around_equals(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    match text.split_once('=') {
        Some((name, "")) if !name.is_empty() && name.chars().all(is_plain) => format!("{name}="),
        Some((name, value)) if !name.is_empty() && name.chars().all(is_plain) => {
            format!("{name}={}", quote_plain(value))
        }
        _ => quote_plain(text),
    }
}

fn quote_plain(text: &str) -> String {
    // shlex fails on a NUL byte, which no argument can hold.
    shlex::try_quote(text).map_or_else(|_| text.quoted(Bash), Cow::into_owned)
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
            ("NAME=a b", "NAME='a b'"),
            ("--env=", "--env="),
            ("core.fsmonitor=false", "core.fsmonitor=false"),
            ("it's", "\"it's\""),
            ("$HOME", "'$HOME'"),
            ("~/x", "'~/x'"),
            ("a\nb", "$'a\\nb'"),
            ("é日本", "'é日本'"),
            ("a\u{202e}b", "$'a\\xE2\\x80\\xAEb'"),
            ("\u{200b}", "$'\\xE2\\x80\\x8B'"),
            ("\u{9b}2J\u{2028}", "$'\\xC2\\x9B2J\\xE2\\x80\\xA8'"),
        ] {
            assert_eq!(quote(OsStr::new(word)), quoted);
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_written_in_hex() {
        assert_eq!(quote(OsStr::from_bytes(b"a\xff")), "$'a\\xFF'");
    }
}
