//! A version by versioneer's rule, from what git says.
//!
//! The latest tag that starts with the prefix and a digit, the commits since, and whether tracked files differ. A git
//! that fails, for whatever reason, gives no version and ends nothing. `GIT_DIR` is not heeded: versioneer does not
//! either, because a git hook that sets it is about another matter than the project's version.

use std::path::Path;

use dockerutils_command::{Command, Runner};

use crate::Record;
use crate::ask::{NoAnswer, ask};
use crate::style::Style;

/// What git knows of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pieces {
    /// The latest tag, without the prefix.
    pub(crate) tag: Option<String>,
    /// The commits since that tag; without one, since the beginning.
    pub(crate) distance: u64,
    /// The commit's short hash.
    pub(crate) short: String,
    /// Whether tracked files differ from the commit.
    pub(crate) dirty: bool,
    /// Whether the commit is on the branch `master`; only known where the style asks for it.
    pub(crate) on_master: bool,
}

impl Pieces {
    /// Whether this is exactly what was tagged.
    pub(crate) fn is_tagged_state(&self) -> bool {
        self.tag.is_some() && self.distance == 0 && !self.dirty
    }
}

/// The record of the commit that is checked out; nothing under a dry run.
pub(crate) fn record(
    root: &Path,
    prefix: &str,
    (style, render): Style,
    runner: &Runner,
) -> Result<Option<Record>, NoAnswer> {
    let git = Git { root, runner };
    let commit = git.commit(prefix)?;
    if runner.is_dry_run() {
        return Ok(None);
    }
    Ok(Some(git.complete(commit, style)?.into_record(render)))
}

/// The commit that is checked out.
struct Commit {
    hash: String,
    date: String,
    /// What `git describe` says of it, or versioneer's words on why that cannot be used.
    pieces: Result<Pieces, String>,
}

impl Commit {
    fn into_record(self, render: fn(&Pieces) -> Option<String>) -> Record {
        let version = self.pieces.and_then(|pieces| match render(&pieces) {
            Some(version) => Ok((version, pieces.dirty)),
            None => Err(format!("tag '{}' has no number after '.post'", pieces.tag.unwrap_or_default())),
        });
        let hash = Some(self.hash);
        match version {
            Ok((version, dirty)) => Record {
                version,
                full_revisionid: hash,
                dirty: Some(dirty),
                error: None,
                date: Some(self.date),
            },
            Err(error) => Record {
                version: "unknown".to_owned(),
                full_revisionid: hash,
                dirty: None,
                error: Some(error),
                date: None,
            },
        }
    }
}

/// The repository that the project's root is in.
struct Git<'a> {
    root: &'a Path,
    runner: &'a Runner,
}

impl Git<'_> {
    fn ask(&self, args: &[&str]) -> Result<String, NoAnswer> {
        let command = match std::env::var_os("GIT_DIR") {
            Some(_) => Command::new("env").args(["-u", "GIT_DIR", "git"]),
            None => Command::new("git"),
        };
        ask(self.runner, "git", &command.args(args).dir(self.root))
    }

    fn commit(&self, prefix: &str) -> Result<Commit, NoAnswer> {
        let tags = format!("{prefix}[[:digit:]]*");
        let described =
            self.ask(&["describe", "--tags", "--dirty", "--always", "--long", "--match", &tags])?;
        let shown = self.ask(&["show", "-s", "--format=%H %ci", "HEAD"])?;
        // A signature that git is configured to show stands above.
        let (hash, date) = shown.lines().last().and_then(|line| line.split_once(' ')).unwrap_or_default();
        let date = date.replacen(' ', "T", 1).replacen(' ', "", 1);
        Ok(Commit { hash: hash.to_owned(), date, pieces: parse(&described, prefix, hash) })
    }

    /// Adds what only some need: the number of all commits, without a tag; the branch, for a style that shows it.
    fn complete(&self, mut commit: Commit, style: &str) -> Result<Commit, NoAnswer> {
        if let Ok(pieces) = &mut commit.pieces {
            if pieces.tag.is_none() {
                let count = self.ask(&["rev-list", "--count", "HEAD"])?;
                pieces.distance = count.parse().map_err(|_| NoAnswer::Nonsense {
                    program: "git",
                    what: format!("no number: `{count}`"),
                })?;
            }
            pieces.on_master = style.ends_with("-branch") && self.is_on_master()?;
        }
        Ok(commit)
    }

    /// Whether `master` is checked out; where no branch is, whether it holds the commit.
    fn is_on_master(&self) -> Result<bool, NoAnswer> {
        let branch = self.ask(&["rev-parse", "--abbrev-ref", "HEAD"])?;
        if branch != "HEAD" {
            return Ok(branch == "master");
        }
        Ok(!self.ask(&["branch", "--contains", "HEAD", "--list", "master"])?.is_empty())
    }
}

/// Reads `TAG-DISTANCE-gHEX[-dirty]` or, where no tag matches, `HEX[-dirty]`.
fn parse(described: &str, prefix: &str, hash: &str) -> Result<Pieces, String> {
    let (state, dirty) = match described.strip_suffix("-dirty") {
        Some(state) => (state, true),
        None => (described, false),
    };
    if !state.contains('-') {
        let short = hash.chars().take(7).collect();
        return Ok(Pieces { tag: None, distance: 0, short, dirty, on_master: false });
    }
    let unusable = || format!("unable to parse git-describe output: '{described}'");
    let (rest, short) = state.rsplit_once("-g").ok_or_else(unusable)?;
    let (tag, distance) = rest.rsplit_once('-').ok_or_else(unusable)?;
    let distance = distance.parse().map_err(|_| unusable())?;
    let version = tag
        .strip_prefix(prefix)
        .ok_or_else(|| format!("tag '{tag}' doesn't start with prefix '{prefix}'"))?;
    let tag = (!version.is_empty()).then(|| version.to_owned());
    Ok(Pieces { tag, distance, short: short.to_owned(), dirty, on_master: false })
}
