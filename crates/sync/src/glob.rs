//! The glob of one pattern: `?`, `*` and `[…]` as in Go's `filepath.Match`, and `**`.
//!
//! The semantics are those of moby's matcher, including its odd cases: `a/**` does not match `a` itself, a class may match
//! a `/`, and `**x` matches every path that ends with `x`. <https://github.com/moby/patternmatcher>

use crate::pattern_fault::PatternFault;

/// A parsed glob. The first three variants are matched without scanning tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Glob {
    /// Matches this path only.
    Exact(String),
    /// Matches the paths that begin with the text: a glob that ends with `**`.
    Prefix(String),
    /// Matches the paths that end with the text: a glob that begins with `**`. A leading slash in the text also matches
    /// the beginning of the path.
    Suffix(String),
    /// Any other glob.
    Tokens(Vec<Token>),
}

/// A part of a glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// A literal character.
    Char(char),
    /// `?`: one character except a slash.
    Any,
    /// `*`: any number of characters except slashes.
    Star,
    /// `**/` and `**`: zero or more whole folders.
    Folders,
    /// `**` at the end: the rest of the path, including slashes.
    Rest,
    /// `[…]`: one character within the ranges, or with `^` outside of them.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Glob {
    /// Parses a glob.
    ///
    /// # Errors
    /// Returns why docker would reject it, or would give an escaped letter another meaning.
    pub(crate) fn parse(pattern: &str) -> Result<Self, PatternFault> {
        let tokens = tokens(pattern)?;
        let is_plain = |tokens: &[Token]| tokens.iter().all(|token| matches!(token, Token::Char(_)));
        Ok(match tokens.as_slice() {
            [Token::Rest] => Glob::Suffix(String::new()),
            // As in moby: a pattern with a backslash or a bracket becomes a regular expression, in which a leading `**`
            // matches whole folders only.
            [Token::Folders, rest @ ..] if is_plain(rest) && !pattern.contains(['\\', ']']) => {
                Glob::Suffix(pattern[2..].to_owned())
            }
            [begin @ .., Token::Rest] if is_plain(begin) => Glob::Prefix(text(begin)),
            all if is_plain(all) => Glob::Exact(text(all)),
            _ => Glob::Tokens(tokens),
        })
    }

    /// Returns whether the glob matches the path, given as bytes and as characters.
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

    /// Returns the text with which every matching path begins.
    pub(crate) fn literal_prefix(&self) -> String {
        match self {
            Glob::Exact(text) | Glob::Prefix(text) => text.clone(),
            Glob::Suffix(_) => String::new(),
            Glob::Tokens(tokens) => text(tokens),
        }
    }
}

/// Returns the literal characters at the beginning of a glob.
fn text(tokens: &[Token]) -> String {
    let character = |token: &Token| if let Token::Char(c) = token { Some(*c) } else { None };
    tokens.iter().map_while(character).collect()
}

fn tokens(pattern: &str) -> Result<Vec<Token>, PatternFault> {
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
    Ok(tokens)
}

/// Parses a class after its `[`, up to and including its `]`.
fn class(rest: &mut std::iter::Peekable<std::str::Chars>) -> Result<Token, PatternFault> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && rest.next_if_eq(&']').is_some() {
            return Ok(Token::Class { negated, ranges });
        }
        let low = class_character(rest)?;
        let high = if rest.next_if_eq(&'-').is_some() { class_character(rest)? } else { low };
        if low > high {
            return Err(PatternFault::Class);
        }
        ranges.push((low, high));
    }
}

fn class_character(rest: &mut impl Iterator<Item = char>) -> Result<char, PatternFault> {
    match rest.next() {
        None => Err(PatternFault::Open),
        Some('-' | ']') => Err(PatternFault::Class),
        Some('\\') => escaped(rest),
        Some(c) => Ok(c),
    }
}

/// Parses the character after a backslash. A letter or a digit is rejected: docker copies the escape into a regular
/// expression, where `\d` or `\1` have meanings of their own.
fn escaped(rest: &mut impl Iterator<Item = char>) -> Result<char, PatternFault> {
    match rest.next() {
        None => Err(PatternFault::NoEscaped),
        Some(c) if c.is_ascii_alphanumeric() => Err(PatternFault::Escaped),
        Some(c) => Ok(c),
    }
}

/// Matches a path by keeping, after each token, all positions at which the next token may begin, in ascending order.
///
/// This takes time proportional to tokens × characters; backtracking would take exponential time for `a*a*a*…b`.
fn matches_tokens(tokens: &[Token], path: &[char]) -> bool {
    let tail = tokens.iter().rev().map_while(|token| match token {
        Token::Char(c) => Some(*c),
        _ => None,
    });
    if !ends_with(path, tail) {
        return false;
    }
    let mut positions = vec![0];
    for token in tokens {
        positions = token.advance(&positions, path);
        if positions.is_empty() {
            return false;
        }
    }
    positions.last() == Some(&path.len())
}

/// Returns whether a path ends with these characters. Most paths do not, and this rejects them cheaply.
fn ends_with(path: &[char], backwards: impl Iterator<Item = char>) -> bool {
    let mut rest = path.iter().rev();
    backwards.into_iter().all(|c| rest.next() == Some(&c))
}

impl Token {
    /// Returns the positions that can follow this token.
    fn advance(&self, positions: &[usize], path: &[char]) -> Vec<usize> {
        let one = |accepts: &dyn Fn(char) -> bool| {
            positions
                .iter()
                .filter(|position| path.get(**position).is_some_and(|c| accepts(*c)))
                .map(|position| position + 1)
                .collect()
        };
        match self {
            Token::Char(wanted) => one(&|c| c == *wanted),
            Token::Any => one(&|c| c != '/'),
            Token::Class { negated, ranges } => {
                one(&|c| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated)
            }
            Token::Star => star(positions, path),
            Token::Folders => folders(positions, path),
            Token::Rest => vec![path.len()],
        }
    }
}

/// Returns the positions after `*`: each starting position up to the next slash.
fn star(positions: &[usize], path: &[char]) -> Vec<usize> {
    let mut reached = Vec::new();
    for &start in positions {
        if reached.last().is_some_and(|last| *last >= start) {
            continue;
        }
        let length = path[start..].iter().take_while(|c| **c != '/').count();
        reached.extend(start..=start + length);
    }
    reached
}

/// Returns the positions after `**/`: each starting position, and those after every later slash.
fn folders(positions: &[usize], path: &[char]) -> Vec<usize> {
    let first = positions.first().copied().unwrap_or_default();
    (first..=path.len())
        .filter(|position| positions.contains(position) || (*position > first && path[position - 1] == '/'))
        .collect()
}
