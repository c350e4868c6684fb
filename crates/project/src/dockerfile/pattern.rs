//! The patterns of `${NAME#pattern}`, `${NAME%pattern}` and `${NAME/pattern/replacement}`.

/// A pattern in which `*` matches any text and `?` any character.
pub(super) struct Pattern(Vec<Token>);

enum Token {
    Text,
    Character,
    Literal(char),
}

impl Pattern {
    /// Parses a pattern. `None` if it escapes a character that needs no escape, which docker refuses.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Text,
                '?' => Token::Character,
                '\\' => Token::Literal(chars.next().filter(|c| "*?\\}/".contains(*c))?),
                c => Token::Literal(c),
            });
        }
        Some(Pattern(tokens))
    }

    /// Removes the shortest or longest match at the start.
    pub(super) fn trim_start(&self, value: &str, longest: bool) -> String {
        let chars: Vec<char> = value.chars().collect();
        let matched = nearest(chars.len(), longest, |length| self.matches(&chars[..length]));
        chars[matched.unwrap_or(0)..].iter().collect()
    }

    /// Removes the shortest or longest match at the end.
    pub(super) fn trim_end(&self, value: &str, longest: bool) -> String {
        let chars: Vec<char> = value.chars().collect();
        let matched = nearest(chars.len(), longest, |length| self.matches(&chars[chars.len() - length..]));
        chars[..chars.len() - matched.unwrap_or(0)].iter().collect()
    }

    /// Replaces the first match, or all matches, each as long as possible.
    pub(super) fn replace(&self, value: &str, replacement: &str, all: bool) -> String {
        let chars: Vec<char> = value.chars().collect();
        let mut result = String::new();
        let (mut start, mut last_end) = (0, None);
        while start <= chars.len() {
            let matched =
                nearest(chars.len() - start, true, |length| self.matches(&chars[start..start + length]));
            // An empty match directly after another one does not count.
            if let Some(length) = matched.filter(|length| *length > 0 || last_end != Some(start)) {
                result.push_str(replacement);
                last_end = Some(start + length);
                if !all {
                    result.extend(&chars[start + length..]);
                    return result;
                }
                if length > 0 {
                    start += length;
                    continue;
                }
            }
            result.extend(chars.get(start));
            start += 1;
        }
        result
    }

    /// Returns whether the whole text matches. After a mismatch, the last `*` takes one character more.
    fn matches(&self, text: &[char]) -> bool {
        let (mut token, mut at) = (0, 0);
        let mut retry = None;
        loop {
            match self.0.get(token) {
                Some(Token::Text) => {
                    retry = Some((token, at));
                    token += 1;
                    continue;
                }
                None if at == text.len() => return true,
                Some(Token::Character) if at < text.len() => (token, at) = (token + 1, at + 1),
                Some(Token::Literal(c)) if text.get(at) == Some(c) => (token, at) = (token + 1, at + 1),
                _ => match retry {
                    Some((star, taken)) if taken < text.len() => {
                        retry = Some((star, taken + 1));
                        (token, at) = (star + 1, taken + 1);
                    }
                    _ => return false,
                },
            }
        }
    }
}

/// Returns the shortest or longest length up to `max` for which the condition holds.
fn nearest(max: usize, longest: bool, holds: impl Fn(usize) -> bool) -> Option<usize> {
    if longest {
        (0..=max).rev().find(|length| holds(*length))
    } else {
        (0..=max).find(|length| holds(*length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_as_short_or_as_long_as_requested() {
        let pattern = |text: &str| Pattern::parse(text).unwrap();
        assert_eq!(pattern("*o").trim_start("foo-foo", false), "o-foo");
        assert_eq!(pattern("*o").trim_start("foo-foo", true), "");
        assert_eq!(pattern("o*").trim_end("foo-foo", false), "foo-fo");
        assert_eq!(pattern("o*").trim_end("foo-foo", true), "f");
        assert_eq!(pattern("o?").replace("foo-foo", "X", false), "fX-foo");
        assert_eq!(pattern("o").replace("foo-foo", "0", true), "f00-f00");
        assert_eq!(pattern("*").replace("foo", "X", true), "X");
        assert_eq!(pattern("").replace("ab", "-", true), "-a-b-");
        assert_eq!(pattern("\\*").trim_end("a*", false), "a");
        assert!(Pattern::parse("\\a").is_none());
    }
}
