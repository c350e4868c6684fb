//! `.dockerignore`, with docker's own meaning: the last pattern that matches a path or a folder above it decides.
//!
//! It knows names only and reads no folder. What it refuses is what `docker build` refuses.

use std::collections::HashMap;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::glob::Glob;
use crate::{Error, rules};

/// The file's name, at the project's root.
pub(crate) const FILE: &str = ".dockerignore";

/// The patterns of an ignore file.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

/// A line of an ignore file.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// With `!`: what it matches is sent after all.
    pub(crate) is_exception: bool,
    /// What it matches.
    pub(crate) glob: Glob,
    /// The rule that says the same to rsync; none before an exception, or where rsync would mean something else.
    pub(crate) rule: Option<Vec<u8>>,
}

/// Which patterns match a folder, or one above it: they hold for what is below.
///
/// A pattern that could change nothing for the folder was not asked, and so is not among them. That is docker's rule, and
/// makes `a/b` and `!a` exclude `a/b`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Above(Vec<bool>);

/// What the patterns say of one path.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Whether it stays at home.
    pub excluded: bool,
    /// For what is below, if it is a folder.
    pub above: Above,
}

impl Ignore {
    /// The project's; without a file, nothing is ignored.
    ///
    /// # Errors
    /// It cannot be read, or docker would refuse it.
    pub fn of_project(root: &Path) -> Result<Self, Error> {
        let path = root.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ignore::default()),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    /// Reads the text of an ignore file.
    ///
    /// # Errors
    /// A line that docker would refuse.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let refused = || Error::Pattern { line: index + 1, pattern: line.trim().to_owned() };
            if !line.starts_with('#') && !line.trim().is_empty() {
                patterns.push(Pattern::parse(line.trim()).ok_or_else(refused)?);
            }
        }
        let is_final = |pattern: &&mut Pattern| !pattern.is_exception;
        for pattern in patterns.iter_mut().rev().take_while(is_final) {
            pattern.rule = rules::of(&pattern.glob);
        }
        Ok(Ignore { patterns })
    }

    /// What the patterns say of a path, `above` being what they said of its folder.
    pub fn ask(&self, path: &Path, above: &Above) -> Answer {
        let bytes = path.as_os_str().as_bytes();
        let characters = characters(bytes);
        let mut excluded = false;
        let mut matched = vec![false; self.patterns.len()];
        for (index, pattern) in self.patterns.iter().enumerate() {
            let holds = above.0.get(index) == Some(&true);
            if holds || (pattern.is_exception == excluded && pattern.glob.matches(bytes, &characters)) {
                matched[index] = true;
                excluded = !pattern.is_exception;
            }
        }
        Answer { excluded, above: Above(matched) }
    }

    /// Whether an exception may match something below a folder, so that it is worth a look though it is excluded.
    pub fn may_except_below(&self, folder: &Path) -> bool {
        let folder = [folder.as_os_str().as_bytes(), b"/"].concat();
        self.patterns.iter().filter(|pattern| pattern.is_exception).any(|pattern| {
            let head = pattern.glob.head();
            head.as_bytes().starts_with(&folder) || folder.starts_with(head.as_bytes())
        })
    }

    /// All patterns that match the path itself, whether they could change anything or not.
    pub(crate) fn matching(&self, path: &Path) -> Above {
        let bytes = path.as_os_str().as_bytes();
        let characters = characters(bytes);
        Above(self.patterns.iter().map(|pattern| pattern.glob.matches(bytes, &characters)).collect())
    }

    pub(crate) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }
}

impl Above {
    /// Those of both.
    pub(crate) fn add(&mut self, other: &Above) {
        self.0.resize(other.0.len().max(self.0.len()), false);
        self.0.iter_mut().zip(&other.0).for_each(|(has, adds)| *has |= adds);
    }

    /// Whether the pattern with this index is among them.
    pub(crate) fn has(&self, index: usize) -> bool {
        self.0.get(index) == Some(&true)
    }
}

/// Answers for paths in any order; what was said of their folders is kept.
#[derive(Debug)]
pub(crate) struct Lookup<'a> {
    ignore: &'a Ignore,
    folders: HashMap<&'a Path, Answer>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(ignore: &'a Ignore) -> Self {
        Lookup { ignore, folders: HashMap::new() }
    }

    /// Whether a path stays where it is.
    pub(crate) fn excludes(&mut self, path: &'a Path) -> bool {
        let above = self.above(path);
        self.ignore.ask(path, &above).excluded
    }

    fn above(&mut self, path: &'a Path) -> Above {
        let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
            return Above::default();
        };
        if let Some(answer) = self.folders.get(folder) {
            return answer.above.clone();
        }
        let above = self.above(folder);
        let answer = self.ignore.ask(folder, &above);
        self.folders.entry(folder).or_insert(answer).above.clone()
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let (is_exception, pattern) = match line.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        let pattern = clean(pattern);
        // A slash alone, and an exception from nothing.
        if is_exception && matches!(pattern.as_str(), "" | "/") {
            return None;
        }
        let pattern = match pattern.strip_prefix('/') {
            Some(rest) if !rest.is_empty() => rest,
            _ => &pattern,
        };
        Some(Pattern { is_exception, glob: Glob::parse(pattern)?, rule: None })
    }
}

/// A path without `.`, without `..` where that can be, and with single slashes; by names only, as Go's `filepath.Clean`.
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

/// The path's characters; each byte that is none counts as one.
fn characters(path: &[u8]) -> Vec<char> {
    let mut characters = Vec::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        characters.extend(chunk.valid().chars());
        characters.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    characters
}
