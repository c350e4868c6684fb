//! Escapes the characters that rust-ini would misread, so that it copies them without interpreting them.
//!
//! An escaped character is written as its hexadecimal code between two marks, and an empty text as two marks. The mark
//! is U+0001, which rust-ini treats as an ordinary letter; a mark that occurs in the file is escaped as well.

use std::fmt::Write;

const MARK: char = '\u{1}';

/// Appends `text` to `out` and escapes the characters that rust-ini would misread.
///
/// rust-ini takes a backslash together with the character after it, trims whitespace at both ends, reads `[` at the
/// start of a line as a header, and drops an empty first line from a value.
pub(super) fn escape(out: &mut String, text: &str) {
    if text.is_empty() {
        out.extend([MARK, MARK]);
    }
    let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
    let mut copied = 0;
    for (at, c) in text.char_indices() {
        let at_edge = at == 0 || at == last;
        if matches!(c, '\\' | MARK) || at_edge && (c == '[' || c.is_whitespace()) {
            out.push_str(&text[copied..at]);
            // Writing to a String cannot fail.
            let _ = write!(out, "{MARK}{:x}{MARK}", u32::from(c));
            copied = at + c.len_utf8();
        }
    }
    out.push_str(&text[copied..]);
}

/// Restores the text that [`escape`] was given; `None` if `escape` cannot have written it.
pub(super) fn unescape(text: String) -> Option<String> {
    if !text.contains(MARK) {
        return Some(text);
    }
    let mut out = String::with_capacity(text.len());
    // Marks come in pairs, so every second piece is the code of a character.
    for (number, piece) in text.split(MARK).enumerate() {
        let is_code = number % 2 == 1;
        if !is_code {
            out.push_str(piece);
        } else if !piece.is_empty() {
            out.push(u32::from_str_radix(piece, 16).ok().and_then(char::from_u32)?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(&mut out, text);
        out
    }

    #[test]
    fn only_the_characters_that_rust_ini_misreads_are_escaped() {
        for (text, expected) in [
            ("a b[c] = é", "a b[c] = é"),
            ("", "\u{1}\u{1}"),
            ("C:\\t", "C:\u{1}5c\u{1}t"),
            ("[a", "\u{1}5b\u{1}a"),
            ("\u{a0} a ", "\u{1}a0\u{1} a\u{1}20\u{1}"),
            ("a\u{1}", "a\u{1}1\u{1}"),
        ] {
            assert_eq!(escaped(text), expected);
            assert_eq!(unescape(expected.to_owned()).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_text_that_escape_cannot_have_written_is_refused() {
        assert_eq!(unescape("a\u{1}x\u{1}".to_owned()), None);
        assert_eq!(unescape("a\u{1}d800\u{1}".to_owned()), None);
    }
}
