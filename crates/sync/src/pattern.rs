//! One line of an ignore file.

use crate::glob::Glob;
use crate::pattern_fault::PatternFault;

/// A pattern of an ignore file.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// Whether the pattern begins with `!`: the paths that it matches are included again.
    pub(crate) is_exception: bool,
    pub(crate) glob: Glob,
    /// The rule with which rsync excludes the same paths. `None` before an exception, or if rsync cannot express it.
    pub(crate) rule: Option<Vec<u8>>,
}

impl Pattern {
    /// Parses a trimmed line that is not empty.
    ///
    /// # Errors
    /// Returns why docker would reject it, or would give it another meaning.
    pub(crate) fn parse(line: &str) -> Result<Self, PatternFault> {
        let (is_exception, pattern) = match line.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        let pattern = clean(pattern);
        // Docker rejects `!` on its own, and an exception for the root.
        if is_exception && matches!(pattern.as_str(), "" | "/") {
            return Err(PatternFault::NoPattern);
        }
        let pattern = match pattern.strip_prefix('/') {
            Some(rest) if !rest.is_empty() => rest,
            _ => &pattern,
        };
        Ok(Pattern { is_exception, glob: Glob::parse(pattern)?, rule: None })
    }
}

/// Normalizes a path by its text alone, as Go's `filepath.Clean` does: removes `.`, repeated slashes, and `..` together
/// with the part before it.
fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            ("..", None) if is_rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_rooted, joined.as_str()) {
        (true, _) => format!("/{joined}"),
        (false, "") if !path.is_empty() => ".".to_owned(),
        (false, _) => joined,
    }
}
