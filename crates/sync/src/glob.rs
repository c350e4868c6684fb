//! One pattern of an ignore file: `?`, `*`, `[…]` as Go's `filepath.Match` has them, and `**`.
//!
//! The meaning is moby's, in its odd corners too: `a/**` is not `a` itself, a class may match a `/`, and `**x` is whatever
//! ends with x. <https://github.com/moby/patternmatcher>

/// A pattern, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Glob {
    /// The path itself.
    Exact(String),
    /// Whatever begins so; from a `**` at the end.
    Prefix(String),
    /// Whatever ends so; from a `**` at the beginning. A leading slash may be the path's beginning too.
    Suffix(String),
    /// Everything else.
    Tokens(Vec<Token>),
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// This character.
    Char(char),
    /// `?`: one character, no slash.
    Any,
    /// `*`: any number of characters, no slash.
    Star,
    /// `**/` and `**`: nothing, or any number of whole folders.
    Folders,
    /// `**` at the end: the rest, slashes too.
    Rest,
    /// `[…]`: one character in, or with `^` in none of, these ranges.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Glob {
    /// Reads a pattern; none where docker would refuse it, or take a letter after a backslash for something else.
    pub(crate) fn parse(pattern: &str) -> Option<Self> {
        let tokens = tokens(pattern)?;
        let is_plain = |tokens: &[Token]| tokens.iter().all(|token| matches!(token, Token::Char(_)));
        Some(match tokens.as_slice() {
            [Token::Rest] => Glob::Suffix(String::new()),
            [Token::Folders, rest @ ..] if is_plain(rest) && !pattern.contains(['\\', ']']) => {
                Glob::Suffix(pattern[2..].to_owned())
            }
            [begin @ .., Token::Rest] if is_plain(begin) => Glob::Prefix(text(begin)),
            all if is_plain(all) => Glob::Exact(text(all)),
            _ => Glob::Tokens(tokens),
        })
    }

    /// Whether it matches the path; `characters` are the same path's.
    pub(crate) fn matches(&self, path: &[u8], characters: &[char]) -> bool {
        match self {
            Glob::Exact(text) => path == text.as_bytes(),
            Glob::Prefix(text) => path.starts_with(text.as_bytes()),
            Glob::Suffix(text) => {
                path.ends_with(text.as_bytes()) || text.strip_prefix('/').map(str::as_bytes) == Some(path)
            }
            Glob::Tokens(tokens) => matches_tokens(tokens, characters),
        }
    }

    /// The text that every path it matches begins with.
    pub(crate) fn head(&self) -> String {
        match self {
            Glob::Exact(text) | Glob::Prefix(text) => text.clone(),
            Glob::Suffix(_) => String::new(),
            Glob::Tokens(tokens) => text(tokens),
        }
    }
}

/// The characters before the first token that is none.
fn text(tokens: &[Token]) -> String {
    let character = |token: &Token| if let Token::Char(c) = token { Some(*c) } else { None };
    tokens.iter().map_while(character).collect()
}

fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        tokens.push(match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                rest.next_if_eq(&'/');
                if rest.peek().is_some() { Token::Folders } else { Token::Rest }
            }
            '*' => Token::Star,
            '?' => Token::Any,
            '[' => class(&mut rest)?,
            '\\' => Token::Char(escaped(&mut rest)?),
            c => Token::Char(c),
        });
    }
    Some(tokens)
}

/// What follows a `[`, its `]` included.
fn class(rest: &mut std::iter::Peekable<std::str::Chars>) -> Option<Token> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && rest.next_if_eq(&']').is_some() {
            return Some(Token::Class { negated, ranges });
        }
        let low = class_character(rest)?;
        let high = if rest.next_if_eq(&'-').is_some() { class_character(rest)? } else { low };
        if low > high {
            return None;
        }
        ranges.push((low, high));
    }
}

fn class_character(rest: &mut impl Iterator<Item = char>) -> Option<char> {
    match rest.next()? {
        '-' | ']' => None,
        '\\' => escaped(rest),
        c => Some(c),
    }
}

/// What follows a backslash: docker hands it on to a regular expression, where letters and digits mean something else.
fn escaped(rest: &mut impl Iterator<Item = char>) -> Option<char> {
    rest.next().filter(|c| !c.is_ascii_alphanumeric())
}

/// Follows all ways through the path at once: after each token, the places where the next may begin, in their order.
fn matches_tokens(tokens: &[Token], path: &[char]) -> bool {
    let tail = tokens.iter().rev().map_while(|token| match token {
        Token::Char(c) => Some(*c),
        _ => None,
    });
    if !ends_with(path, tail) {
        return false;
    }
    let mut places = vec![0];
    for token in tokens {
        places = token.advance(&places, path);
        if places.is_empty() {
            return false;
        }
    }
    places.last() == Some(&path.len())
}

/// Most paths end otherwise, and that is quickly seen.
fn ends_with(path: &[char], backwards: impl Iterator<Item = char>) -> bool {
    let mut rest = path.iter().rev();
    backwards.into_iter().all(|c| rest.next() == Some(&c))
}

impl Token {
    fn advance(&self, places: &[usize], path: &[char]) -> Vec<usize> {
        let one = |fits: &dyn Fn(char) -> bool| {
            places
                .iter()
                .filter(|place| path.get(**place).is_some_and(|c| fits(*c)))
                .map(|place| place + 1)
                .collect()
        };
        match self {
            Token::Char(wanted) => one(&|c| c == *wanted),
            Token::Any => one(&|c| c != '/'),
            Token::Class { negated, ranges } => {
                one(&|c| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated)
            }
            Token::Star => star(places, path),
            Token::Folders => folders(places, path),
            Token::Rest => vec![path.len()],
        }
    }
}

fn star(places: &[usize], path: &[char]) -> Vec<usize> {
    let mut reached = Vec::new();
    for &start in places {
        if reached.last().is_some_and(|last| *last >= start) {
            continue;
        }
        let length = path[start..].iter().take_while(|c| **c != '/').count();
        reached.extend(start..=start + length);
    }
    reached
}

fn folders(places: &[usize], path: &[char]) -> Vec<usize> {
    let first = places.first().copied().unwrap_or_default();
    (first..=path.len())
        .filter(|place| places.contains(place) || (*place > first && path[place - 1] == '/'))
        .collect()
}
