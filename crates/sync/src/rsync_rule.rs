//! Translates a pattern of an ignore file into an exclude rule of rsync.
//!
//! A pattern becomes a rule only if both have the same meaning.
//! <https://download.samba.org/pub/rsync/rsync.1#PATTERN_MATCHING_RULES>

use crate::glob::{Glob, Token};

/// Returns the rule that excludes the paths that a pattern matches and everything below them. `None` if rsync cannot
/// express it.
pub(crate) fn from_glob(glob: &Glob) -> Option<Vec<u8>> {
    match glob {
        Glob::Exact(text) => Some(from_path(text.as_bytes())),
        Glob::Prefix(text) => Some([b"/", escape(text.as_bytes(), true).as_slice(), b"**"].concat()),
        // A rule without a slash matches the last part of a path at any depth.
        Glob::Suffix(text) => Some(match text.strip_prefix('/') {
            Some(name) => escape(name.as_bytes(), has_wildcard(name.as_bytes())),
            None => [b"*", escape(text.as_bytes(), true).as_slice()].concat(),
        }),
        Glob::Tokens(tokens) => match tokens.as_slice() {
            [Token::Folders, rest @ ..] => from_tokens(rest),
            tokens => Some([b"/", from_tokens(tokens)?.as_slice()].concat()),
        },
    }
}

/// Returns the rule that excludes one path and everything below it.
pub(crate) fn from_path(path: &[u8]) -> Vec<u8> {
    // A leading slash anchors the rule at the root of the transfer.
    [b"/", escape(path, has_wildcard(path)).as_slice()].concat()
}

fn from_tokens(tokens: &[Token]) -> Option<Vec<u8>> {
    let mut rule = Vec::new();
    for token in tokens {
        match token {
            Token::Char(c) => rule.extend(escape(c.encode_utf8(&mut [0; 4]).as_bytes(), true)),
            Token::Star => rule.push(b'*'),
            Token::Rest => rule.extend(b"**"),
            // For rsync, `?` matches a byte, for docker a character; rsync's classes follow other rules; and a `**`
            // between slashes does not match an empty sequence of folders.
            Token::Any | Token::Folders | Token::Class { .. } => return None,
        }
    }
    Some(rule)
}

/// Escapes the special characters of a literal text.
fn escape(text: &[u8], is_wild: bool) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for byte in text {
        // In a rule without a wildcard, rsync takes a backslash literally.
        if is_wild && matches!(byte, b'*' | b'?' | b'[' | b'\\') {
            escaped.push(b'\\');
        }
        escaped.push(*byte);
    }
    escaped
}

fn has_wildcard(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}
