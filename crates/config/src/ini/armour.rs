//! Characters that rust-ini would misread, written so that it does not see them.
//!
//! Such a character becomes its number in hex between two marks, and an empty text becomes two marks. The mark is U+0001,
//! which rust-ini takes for a letter; a mark in the file is armoured too.

use std::fmt::Write;

const MARK: char = '\u{1}';

/// Appends `text` to `out`, in armour where it needs it.
///
/// A backslash hides what follows it from rust-ini; whitespace at an edge it trims; a bracket starts a header; and
/// an empty first line it drops from a value.
pub(super) fn put_on(out: &mut String, text: &str) {
    if text.is_empty() {
        out.extend([MARK, MARK]);
    }
    let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        let at_edge = at == 0 || at == last;
        if matches!(c, '\\' | MARK) || at_edge && (c == '[' || c.is_whitespace()) {
            out.push_str(&text[plain..at]);
            // Writing to a String cannot fail.
            let _ = write!(out, "{MARK}{:x}{MARK}", u32::from(c));
            plain = at + c.len_utf8();
        }
    }
    out.push_str(&text[plain..]);
}

/// The text that `put_on` was given; `None` for one that it never made.
pub(super) fn take_off(text: String) -> Option<String> {
    if !text.contains(MARK) {
        return Some(text);
    }
    let mut out = String::with_capacity(text.len());
    for (number, piece) in text.split(MARK).enumerate() {
        let armoured = number % 2 == 1;
        if !armoured {
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

    fn armoured(text: &str) -> String {
        let mut out = String::new();
        put_on(&mut out, text);
        out
    }

    #[test]
    fn only_what_rust_ini_misreads_is_armoured() {
        for (text, armour) in [
            ("a b[c] = é", "a b[c] = é"),
            ("", "\u{1}\u{1}"),
            ("C:\\t", "C:\u{1}5c\u{1}t"),
            ("[a", "\u{1}5b\u{1}a"),
            ("\u{a0} a ", "\u{1}a0\u{1} a\u{1}20\u{1}"),
            ("a\u{1}", "a\u{1}1\u{1}"),
        ] {
            assert_eq!(armoured(text), armour);
            assert_eq!(take_off(armour.to_owned()).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_text_that_was_never_armoured_is_refused() {
        assert_eq!(take_off("a\u{1}x\u{1}".to_owned()), None);
        assert_eq!(take_off("a\u{1}d800\u{1}".to_owned()), None);
    }
}
