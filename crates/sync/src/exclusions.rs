//! Evaluates an ignore file for paths that do not come from a walk.

use std::collections::HashMap;
use std::path::Path;

use crate::ignore::{Decision, Ignore, ParentMatches};

/// Evaluates paths in any order, and keeps the decisions about their folders.
#[derive(Debug)]
pub(crate) struct Exclusions<'a> {
    ignore: &'a Ignore,
    folders: HashMap<&'a Path, Decision>,
}

impl<'a> Exclusions<'a> {
    pub(crate) fn new(ignore: &'a Ignore) -> Self {
        Exclusions { ignore, folders: HashMap::new() }
    }

    /// Returns whether the ignore file excludes a path.
    pub(crate) fn is_excluded(&mut self, path: &'a Path) -> bool {
        let parent = self.parent_matches(path);
        self.ignore.evaluate(path, &parent).is_excluded
    }

    fn parent_matches(&mut self, path: &'a Path) -> ParentMatches {
        let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
            return ParentMatches::default();
        };
        if let Some(decision) = self.folders.get(folder) {
            return decision.matches.clone();
        }
        let parent = self.parent_matches(folder);
        let decision = self.ignore.evaluate(folder, &parent);
        self.folders.entry(folder).or_insert(decision).matches.clone()
    }
}
