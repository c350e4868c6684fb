//! Computes a version from git by versioneer's rules.
//!
//! The version consists of the latest tag that starts with the prefix and a digit, the number of commits since, and
//! whether tracked files differ.

use std::path::Path;

use dockerutils_command::{Command, Runner};

use crate::Record;
use crate::description::Description;
use crate::program_output::{QueryError, query};
use crate::style::Style;

/// Settings of a repository by which git would run programs of its own: a monitor of the file system, hooks, and what
/// checks a signature. None of our queries needs them.
const WITHOUT_PROGRAMS: [&str; 6] =
    ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false"];

/// Returns the record of the commit that is checked out. A dry run echoes the commands and returns `None`.
pub(crate) fn read_record(
    root: &Path,
    prefix: &str,
    style: Style,
    runner: &Runner,
) -> Result<Option<Record>, QueryError> {
    let git = Git { root, runner };
    let commit = git.read_commit(prefix)?;
    if runner.is_dry_run() {
        return Ok(None);
    }
    Ok(Some(git.complete(commit, style)?.into_record(style)))
}

/// The commit that is checked out.
struct Commit {
    hash: String,
    date: String,
    /// The parsed description, or the reason for the record why it cannot be used.
    description: Result<Description, String>,
}

impl Commit {
    fn into_record(self, style: Style) -> Record {
        let version = self.description.and_then(|description| match style.render(&description) {
            Some(version) => Ok((version, description.is_dirty)),
            None => Err(format!("tag '{}' has no number after '.post'", description.tag.unwrap_or_default())),
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
            // versioneer's `render` leaves these fields empty if there is an error.
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

/// The repository that contains the project's root.
struct Git<'a> {
    root: &'a Path,
    runner: &'a Runner,
}

impl Git<'_> {
    fn query(&self, args: &[&str]) -> Result<String, QueryError> {
        // GIT_DIR is ignored, as in versioneer: it may be meant for the project that is versioned, and a git hook that
        // sets it means the repository of the hook.
        let command = match std::env::var_os("GIT_DIR") {
            Some(_) => Command::new("env").args(["-u", "GIT_DIR", "git"]),
            None => Command::new("git"),
        };
        query(self.runner, "git", &command.args(WITHOUT_PROGRAMS).args(args).dir(self.root))
    }

    fn read_commit(&self, prefix: &str) -> Result<Commit, QueryError> {
        let tags = format!("{prefix}[[:digit:]]*");
        let described =
            self.query(&["describe", "--tags", "--dirty", "--always", "--long", "--match", &tags])?;
        let shown = self.query(&["show", "-s", "--format=%H %ci", "HEAD"])?;
        let (hash, date) = shown.lines().last().and_then(|line| line.split_once(' ')).unwrap_or_default();
        // As in versioneer: `%ci` is almost ISO 8601, and `%cI` requires git 2.2.
        let date = date.replacen(' ', "T", 1).replacen(' ', "", 1);
        Ok(Commit { hash: hash.to_owned(), date, description: Description::parse(&described, prefix, hash) })
    }

    /// Runs git for what only some versions contain: the number of all commits if there is no tag, and the branch for a
    /// style that shows it.
    fn complete(&self, mut commit: Commit, style: Style) -> Result<Commit, QueryError> {
        if let Ok(description) = &mut commit.description {
            if description.tag.is_none() {
                let count = self.query(&["rev-list", "--count", "HEAD"])?;
                description.distance = count.parse().map_err(|_| QueryError::UnexpectedOutput {
                    program: "git",
                    output: format!("no number: `{count}`"),
                })?;
            }
            description.is_on_master = style.shows_branch() && self.is_on_master()?;
        }
        Ok(commit)
    }

    /// Returns whether `master` is checked out; for a detached HEAD, whether `master` contains the commit.
    fn is_on_master(&self) -> Result<bool, QueryError> {
        let branch = self.query(&["rev-parse", "--abbrev-ref", "HEAD"])?;
        if branch != "HEAD" {
            return Ok(branch == "master");
        }
        Ok(!self.query(&["branch", "--contains", "HEAD", "--list", "master"])?.is_empty())
    }
}
