//! `.dockerignore` with docker's own semantics: the last pattern that matches a path, or a folder above it, decides.
//!
//! Evaluation needs names only and reads no folder. A file that `docker build` would reject is an error.
//! <https://docs.docker.com/build/concepts/context/#dockerignore-files>

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::pattern::Pattern;
use crate::{Error, rsync_rule};

/// The ignore file, at the project's root.
/// The name of the ignore file in the root of the context.
pub const IGNORE_FILE: &str = ".dockerignore";

/// The patterns of an ignore file.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

/// Records which patterns match a folder or one of its parents; those apply to everything below it.
///
/// A pattern that could not change the decision about the folder was not evaluated, and so is not recorded. This is
/// docker's rule; because of it, `a/b` followed by `!a` excludes `a/b`.
/// <https://pkg.go.dev/github.com/moby/patternmatcher#PatternMatcher.MatchesUsingParentResults>
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParentMatches(Vec<bool>);

/// The decision of the patterns about one path.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// Whether the path is left out of the context.
    pub is_excluded: bool,
    /// The matches that apply to the entries of the path, if it is a folder.
    pub matches: ParentMatches,
}

impl Ignore {
    /// Reads the ignore file of the project at `root`. Without one, nothing is excluded.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or if docker would reject it.
    pub fn of_project(root: &Path) -> Result<Self, Error> {
        let path = root.join(IGNORE_FILE);
        match dockerutils_file::read_to_string(&path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ignore::default()),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    /// Checks that an ignore file, if it exists, is a regular file. Docker would wait for a FIFO for ever.
    ///
    /// # Errors
    /// Fails if it is a FIFO, a device or a socket.
    pub fn check_file(path: &Path) -> Result<(), Error> {
        match dockerutils_file::open(path) {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Err(Error::io("read", path)(error)),
            _ => Ok(()),
        }
    }

    /// Parses the text of an ignore file.
    ///
    /// # Errors
    /// Returns [`Error::InvalidPattern`] for a line that docker would reject.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let invalid =
                |fault| Error::InvalidPattern { line: index + 1, pattern: line.trim().to_owned(), fault };
            // Docker recognizes a comment before it trims the line: ` #a` is a pattern.
            if !line.starts_with('#') && !line.trim().is_empty() {
                patterns.push(Pattern::parse(line.trim()).map_err(invalid)?);
            }
        }
        // An exception overrides only what stands above it, and rsync cannot express that: it takes the first rule that
        // matches. So only patterns after the last exception become rules.
        let is_final = |pattern: &&mut Pattern| !pattern.is_exception;
        for pattern in patterns.iter_mut().rev().take_while(is_final) {
            pattern.rule = rsync_rule::from_glob(&pattern.glob);
        }
        Ok(Ignore { patterns })
    }

    /// Adds patterns that no exception of the file can override.
    ///
    /// # Errors
    /// Returns [`Error::InvalidPattern`] for a pattern that docker would reject.
    pub(crate) fn with_last(mut self, patterns: &[&str]) -> Result<Self, Error> {
        for pattern in patterns {
            let invalid = |fault| Error::InvalidPattern { line: 0, pattern: (*pattern).to_owned(), fault };
            let mut pattern = Pattern::parse(pattern).map_err(invalid)?;
            pattern.rule = rsync_rule::from_glob(&pattern.glob);
            self.patterns.push(pattern);
        }
        Ok(self)
    }

    /// Evaluates the patterns for a path. `parent` holds the matches of the path's folder.
    pub fn evaluate(&self, path: &Path, parent: &ParentMatches) -> Decision {
        let bytes = path.as_os_str().as_bytes();
        let characters = characters(bytes);
        let mut is_excluded = false;
        let mut matched = vec![false; self.patterns.len()];
        for (index, pattern) in self.patterns.iter().enumerate() {
            let changes_decision = pattern.is_exception == is_excluded;
            if parent.contains(index) || (changes_decision && pattern.glob.matches(bytes, &characters)) {
                matched[index] = true;
                is_excluded = !pattern.is_exception;
            }
        }
        Decision { is_excluded, matches: ParentMatches(matched) }
    }

    /// Returns whether an exception may match something below an excluded folder, so that the folder must be read.
    pub fn may_except_below(&self, folder: &Path) -> bool {
        let folder = [folder.as_os_str().as_bytes(), b"/"].concat();
        self.patterns.iter().filter(|pattern| pattern.is_exception).any(|pattern| {
            let prefix = pattern.glob.literal_prefix();
            prefix.as_bytes().starts_with(&folder) || folder.starts_with(prefix.as_bytes())
        })
    }

    /// Returns all patterns that match the path itself, including those that could not change the decision.
    pub(crate) fn all_matches(&self, path: &Path) -> ParentMatches {
        let bytes = path.as_os_str().as_bytes();
        let characters = characters(bytes);
        ParentMatches(self.patterns.iter().map(|pattern| pattern.glob.matches(bytes, &characters)).collect())
    }

    /// Returns the patterns in the order of the file.
    pub(crate) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }
}

impl ParentMatches {
    /// Adds the patterns of `other`.
    pub(crate) fn union(&mut self, other: &ParentMatches) {
        self.0.resize(other.0.len().max(self.0.len()), false);
        self.0.iter_mut().zip(&other.0).for_each(|(matches, adds)| *matches |= adds);
    }

    /// Returns whether the pattern with this index matches.
    pub(crate) fn contains(&self, index: usize) -> bool {
        self.0.get(index) == Some(&true)
    }
}

/// Decodes a path; each byte that is not part of a character counts as one, as in Go.
fn characters(path: &[u8]) -> Vec<char> {
    let mut characters = Vec::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        characters.extend(chunk.valid().chars());
        characters.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    characters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_exception_overrides_the_last_patterns() {
        let ignore =
            Ignore::parse("*\n!.ssh\n!src\n!**/id_ed25519\n").unwrap().with_last(&["**/.ssh"]).unwrap();
        let excluded = |path: &str| {
            let path = Path::new(path);
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.map(|parent| ignore.evaluate(parent, &ParentMatches::default()).matches);
            ignore.evaluate(path, &parent.unwrap_or_default()).is_excluded
        };
        assert!(excluded(".ssh") && excluded(".ssh/id_ed25519") && excluded("src/.ssh"));
        assert!(!excluded("src") && !excluded("src/id_ed25519"));
        assert!(ignore.patterns().last().is_some_and(|pattern| pattern.rule.is_some()));
    }
}
