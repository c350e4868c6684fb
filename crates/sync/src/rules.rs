//! What stays at home, told to rsync: rules that exclude on both sides, so that `--delete` spares it too.
//!
//! A pattern becomes a rule only where rsync means the same by it. What the others exclude is listed, path by path.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::glob::{Glob, Token};
use crate::{Above, Ignore, Tree};

/// The rules for a tree.
pub(crate) struct Rules {
    /// As `--from0 --exclude-from` reads them.
    pub(crate) text: Vec<u8>,
    /// Whether each pattern has become one.
    pub(crate) are_complete: bool,
}

impl Rules {
    /// What the patterns exclude of this tree, here and on the dock.
    pub(crate) fn new(ignore: &Ignore, tree: &Tree) -> Self {
        let mut rules = Self::of_patterns(ignore, tree);
        let used: Vec<usize> = used(ignore, tree).map(|(index, _)| index).collect();
        let is_ruled = |above: &Above| used.iter().any(|index| above.has(*index));
        let listed = tree.excluded.iter().filter(|excluded| !is_ruled(&excluded.above));
        listed.for_each(|excluded| rules.exclude(&excluded.path));
        rules
    }

    /// Only what can be said by rules: it holds for what is on the dock alone, too.
    pub(crate) fn of_patterns(ignore: &Ignore, tree: &Tree) -> Self {
        let mut rules = Rules { text: Vec::new(), are_complete: true };
        used(ignore, tree).for_each(|(_, rule)| rules.add(rule));
        rules.are_complete = used(ignore, tree).count() == ignore.patterns().len();
        rules
    }

    /// Excludes one path more, and all below.
    pub(crate) fn exclude(&mut self, path: &Path) {
        let path = path.as_os_str().as_bytes();
        self.add(&anchored(path, has_wildcard(path)));
    }

    fn add(&mut self, rule: &[u8]) {
        self.text.extend_from_slice(b"- ");
        self.text.extend_from_slice(rule);
        self.text.push(0);
    }
}

/// The patterns that have a rule which holds for this tree.
fn used<'a>(ignore: &'a Ignore, tree: &'a Tree) -> impl Iterator<Item = (usize, &'a [u8])> {
    let patterns = ignore.patterns().iter().enumerate();
    patterns.filter_map(|(index, pattern)| {
        let rule = pattern.rule.as_deref()?;
        (!tree.unruly.has(index)).then_some((index, rule))
    })
}

/// The rule that excludes what a pattern matches, and all below; none where rsync would mean something else.
pub(crate) fn of(glob: &Glob) -> Option<Vec<u8>> {
    match glob {
        Glob::Exact(text) => Some(anchored(text.as_bytes(), has_wildcard(text.as_bytes()))),
        Glob::Prefix(text) => Some([anchored(text.as_bytes(), true).as_slice(), b"**"].concat()),
        Glob::Suffix(text) => Some(match text.strip_prefix('/') {
            Some(name) => literal(name.as_bytes(), has_wildcard(name.as_bytes())),
            None => [b"*", literal(text.as_bytes(), true).as_slice()].concat(),
        }),
        Glob::Tokens(tokens) => match tokens.as_slice() {
            [Token::Folders, rest @ ..] => wild(rest),
            tokens => Some([b"/", wild(tokens)?.as_slice()].concat()),
        },
    }
}

/// rsync has the other tokens too, but counts bytes where docker counts characters, and reads classes in its own way.
fn wild(tokens: &[Token]) -> Option<Vec<u8>> {
    let mut rule = Vec::new();
    for token in tokens {
        match token {
            Token::Char(c) => rule.extend(literal(c.encode_utf8(&mut [0; 4]).as_bytes(), true)),
            Token::Star => rule.push(b'*'),
            Token::Rest => rule.extend(b"**"),
            Token::Any | Token::Folders | Token::Class { .. } => return None,
        }
    }
    Some(rule)
}

fn anchored(path: &[u8], is_wild: bool) -> Vec<u8> {
    [b"/", literal(path, is_wild).as_slice()].concat()
}

/// A backslash escapes only in a rule that has a wildcard.
fn literal(text: &[u8], is_wild: bool) -> Vec<u8> {
    let mut literal = Vec::with_capacity(text.len());
    for byte in text {
        if is_wild && matches!(byte, b'*' | b'?' | b'[' | b'\\') {
            literal.push(b'\\');
        }
        literal.push(*byte);
    }
    literal
}

fn has_wildcard(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}
