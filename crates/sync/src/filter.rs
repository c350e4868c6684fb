//! The exclude rules for rsync: what the ignore file excludes is neither sent nor, with `--delete`, removed on the dock.
//!
//! A pattern becomes a rule if rsync can express it. The paths that the other patterns exclude are listed one by one.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::{Ignore, ParentMatches, Tree, rsync_rule};

/// The exclude rules for one tree.
pub(crate) struct Filter {
    /// The rules in the format of `--from0 --exclude-from`.
    pub(crate) text: Vec<u8>,
    /// Whether every pattern of the ignore file became a rule.
    pub(crate) is_complete: bool,
}

impl Filter {
    /// Creates the rules for a local tree: those of the patterns, the excluded paths that they do not cover, and the
    /// folders that cannot be read.
    pub(crate) fn of_tree(ignore: &Ignore, tree: &Tree) -> Self {
        let mut filter = Self::of_patterns(ignore, tree);
        let used: Vec<usize> = used_rules(ignore, tree).map(|(index, _)| index).collect();
        let is_covered = |matches: &ParentMatches| used.iter().any(|index| matches.contains(*index));
        let listed = tree.excluded.iter().filter(|excluded| !is_covered(&excluded.matches));
        listed.for_each(|excluded| filter.exclude(&excluded.path));
        tree.unreadable.iter().for_each(|folder| filter.exclude(folder));
        filter
    }

    /// Creates only the rules that patterns can become; those also apply to paths that exist only on the dock.
    pub(crate) fn of_patterns(ignore: &Ignore, tree: &Tree) -> Self {
        let mut filter = Filter { text: Vec::new(), is_complete: true };
        used_rules(ignore, tree).for_each(|(_, rule)| filter.add(rule));
        filter.is_complete = used_rules(ignore, tree).count() == ignore.patterns().len();
        filter
    }

    /// Adds a rule for one path and everything below it.
    pub(crate) fn exclude(&mut self, path: &Path) {
        self.add(&rsync_rule::from_path(path.as_os_str().as_bytes()));
    }

    fn add(&mut self, rule: &[u8]) {
        // The explicit `- ` keeps a rule that begins with `+ `, `!` or `#` from being taken for something else.
        self.text.extend_from_slice(b"- ");
        self.text.extend_from_slice(rule);
        self.text.push(0);
    }
}

/// Returns the index and the rule of each pattern whose rule is valid for this tree.
fn used_rules<'a>(ignore: &'a Ignore, tree: &'a Tree) -> impl Iterator<Item = (usize, &'a [u8])> {
    let patterns = ignore.patterns().iter().enumerate();
    patterns.filter_map(|(index, pattern)| {
        let rule = pattern.rule.as_deref()?;
        (!tree.inexpressible.contains(index)).then_some((index, rule))
    })
}
