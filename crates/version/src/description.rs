//! The description of a commit: what `git describe` prints, parsed as versioneer's `git_pieces_from_vcs` does.
//!
//! <https://github.com/python-versioneer/python-versioneer/blob/0.29/src/git/from_vcs.py>

/// A commit relative to the latest version tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    /// The latest tag, without the prefix.
    pub(crate) tag: Option<String>,
    /// The number of commits since that tag; without a tag, the number of all commits.
    pub(crate) distance: u64,
    /// The commit's short hash.
    pub(crate) short_hash: String,
    /// Whether tracked files differ from the commit.
    pub(crate) is_dirty: bool,
    /// Whether the commit is on the branch `master`. Set only for the styles that use it.
    pub(crate) is_on_master: bool,
}

impl Description {
    /// Parses `TAG-DISTANCE-gHEX[-dirty]`, or `HEX[-dirty]` if no tag matches. The error is a message in versioneer's own
    /// words, for the record.
    pub(crate) fn parse(described: &str, prefix: &str, hash: &str) -> Result<Self, String> {
        let (state, is_dirty) = match described.strip_suffix("-dirty") {
            Some(state) => (state, true),
            None => (described, false),
        };
        if !state.contains('-') {
            // Without a tag, versioneer takes seven digits of the full hash, however long git's abbreviation is.
            let short_hash = hash.chars().take(7).collect();
            return Ok(Description { tag: None, distance: 0, short_hash, is_dirty, is_on_master: false });
        }
        // A tag may contain `-`, so its parts are split off from the end.
        let unusable = || format!("unable to parse git-describe output: '{described}'");
        let (rest, short_hash) = state.rsplit_once("-g").ok_or_else(unusable)?;
        let (tag, distance) = rest.rsplit_once('-').ok_or_else(unusable)?;
        let distance = distance.parse().map_err(|_| unusable())?;
        // `git describe --match` takes the prefix for a glob, so the tag may begin with something else.
        let version = tag
            .strip_prefix(prefix)
            .ok_or_else(|| format!("tag '{tag}' doesn't start with prefix '{prefix}'"))?;
        let tag = (!version.is_empty()).then(|| version.to_owned());
        Ok(Description { tag, distance, short_hash: short_hash.to_owned(), is_dirty, is_on_master: false })
    }

    /// Returns whether the working tree is exactly the tagged commit.
    pub(crate) fn is_tagged_state(&self) -> bool {
        self.tag.is_some() && self.distance == 0 && !self.is_dirty
    }
}
