//! Text that others wrote, made fit for a terminal.
//!
//! Configuration files, hosts, registries and file names may contain escape sequences, and characters that make a line
//! look like another one. In a message they are escaped by [`printable`]; in an echoed command, which has to remain the
//! same command, by [`quote`](crate::quote).

use std::borrow::Cow;
use std::fmt::Write as _;

/// The number of characters that a message may have. The remedy is at the end, so the middle is left out.
const MAX_CHARS: usize = 2000;

/// How many of them are kept at the end.
const END_CHARS: usize = 800;

/// Unicode's format characters (category Cf) and line and paragraph separators (Zl, Zp), as ranges. They have no width,
/// reverse the order of others, or break a line. <https://www.unicode.org/reports/tr44/#General_Category_Values>
const FORMAT: [(char, char); 20] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0001}', '\u{e0001}'),
    ('\u{e0020}', '\u{e007f}'),
];

/// Returns whether a terminal prints a character as itself: control and format characters and separators of lines are not.
pub fn is_printable(c: char) -> bool {
    !c.is_control() && !FORMAT.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Escapes what is not printable and leaves out the middle of a text that is too long, for a message or a table.
///
/// ```
/// use dockerutils_command::printable;
///
/// assert_eq!(printable("is `\x1b[2J` valid?"), r"is `\x1b[2J` valid?");
/// assert_eq!(printable("a\nb\u{202e}c"), r"a\nb\u{202e}c");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    // Most texts have fewer bytes than that, and then not more characters.
    let is_long = text.len() > MAX_CHARS && text.chars().count() > MAX_CHARS;
    if !is_long && text.chars().all(is_printable) {
        return Cow::Borrowed(text);
    }
    if !is_long {
        return Cow::Owned(escape(text));
    }
    let start = text.char_indices().nth(MAX_CHARS - END_CHARS).map_or(text.len(), |(at, _)| at);
    let end = text.char_indices().nth_back(END_CHARS - 1).map_or(0, |(at, _)| at);
    Cow::Owned(format!("{} […] {}", escape(&text[..start]), escape(&text[end..])))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _ = match c {
            _ if is_printable(c) => {
                escaped.push(c);
                Ok(())
            }
            '\n' | '\r' | '\t' => write!(escaped, "{}", c.escape_default()),
            _ if c.is_ascii() => write!(escaped, "\\x{:02x}", u32::from(c)),
            _ => write!(escaped, "{}", c.escape_unicode()),
        };
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_format_characters_and_separators_are_escaped() {
        for (text, expected) in [
            ("\u{1b}]0;x\u{7}", r"\x1b]0;x\x07"),
            ("\u{9b}2J", r"\u{9b}2J"),
            ("a\u{202e}b\u{2066}c", r"a\u{202e}b\u{2066}c"),
            ("a\u{200b}\u{200d}\u{feff}\u{ad}b", r"a\u{200b}\u{200d}\u{feff}\u{ad}b"),
            ("a\u{2028}b\u{2029}c\u{85}d", r"a\u{2028}b\u{2029}c\u{85}d"),
            ("\u{e0041}\u{7f}\r\n\t", r"\u{e0041}\x7f\r\n\t"),
        ] {
            assert_eq!(printable(text), expected);
        }
    }

    #[test]
    fn other_text_is_kept() {
        for text in ["", "é 日本 e\u{301} 🐳 → … \u{a0}", r"C:\new `x` 'y'"] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn the_middle_of_a_long_text_is_left_out() {
        let text = format!("first {} last", "é\u{1b}".repeat(1_000_000));
        let shown = printable(&text);
        assert!(shown.starts_with("first é\\x1b") && shown.ends_with("é\\x1b last"), "{shown}");
        assert!(shown.chars().count() < 4 * MAX_CHARS && shown.chars().all(is_printable));
        let text = "é".repeat(MAX_CHARS);
        assert_eq!(printable(&text), text);
    }
}
