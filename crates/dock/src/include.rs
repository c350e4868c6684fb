//! The line of `~/.ssh/config` that includes the file of the docks.
//!
//! It is added at the top once: ssh uses the first value that it finds, and a line below a `Host` would count for that
//! host only. A file that already contains the line where it counts is left as it is. The line of earlier versions, which
//! included a file of every folder in `~/.docker`, is replaced.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::file::{make_private_dir, prepare_alike, read_or_empty};
use crate::user_config::{Line, include_path};
use crate::{Error, Result, fragment};

/// The line that includes the docks.
pub const LINE: &str = "Include ~/.docker/dockerutils.ssh_config";

/// The argument of the line that earlier versions added.
const OLD_ARGUMENT: &str = "~/.docker/*/ssh_config";

/// The name of the copy of the previous file.
const BACKUP: &str = "config.dockerutils-backup";

/// What was done to the user's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inclusion {
    /// The line was there already.
    Present,
    /// The line was added.
    Added,
    /// The line of an earlier version was replaced.
    Replaced,
}

/// Adds the line to the user's configuration.
///
/// The previous file is kept beside it as `config.dockerutils-backup`. A link stays a link: the file that it leads to is
/// replaced.
pub(crate) fn add(home: &Path) -> Result<Inclusion> {
    let ssh_folder = home.join(".ssh");
    let config = ssh_folder.join("config");
    let before = read_or_empty(&config)?;
    let has_old = has_old_line(&before);
    if !has_old && includes_docks(&before, home) {
        return Ok(Inclusion::Present);
    }
    let rest = if has_old { without_old_lines(&before) } else { before.clone() };
    let mut text = if includes_docks(&rest, home) { Vec::new() } else { head() };
    text.extend(rest);
    make_private_dir(&ssh_folder)?;
    replace(&config, &before, &text)?;
    Ok(if has_old { Inclusion::Replaced } else { Inclusion::Added })
}

/// Removes the lines that [`add`] has added, with the blank line below them; returns whether the configuration has changed.
///
/// Lines that the user has moved apart or written otherwise are the user's own. They do no harm: ssh ignores a missing file.
pub(crate) fn remove(home: &Path) -> Result<bool> {
    let config = home.join(".ssh/config");
    let before = read_or_empty(&config)?;
    let Some(text) = without_head(&before) else { return Ok(false) };
    replace(&config, &before, &text)?;
    Ok(true)
}

/// Returns the configuration without the head; `None` if it does not contain it as lines of its own.
fn without_head(config: &[u8]) -> Option<Vec<u8>> {
    let head = head();
    // The blank line below may have been removed, or be the end of the file.
    let lines = head.strip_suffix(b"\n").unwrap_or(&head);
    let begins_line = |start: &usize| *start == 0 || config[start - 1] == b'\n';
    let mut starts = (0..config.len()).filter(|start| config[*start..].starts_with(lines));
    let start = starts.find(begins_line)?;
    let rest = &config[start + lines.len()..];
    Some([&config[..start], rest.strip_prefix(b"\n").unwrap_or(rest)].concat())
}

fn head() -> Vec<u8> {
    format!("# The docks of dockerutils, for `ssh MONIKER`\n{LINE}\n\n").into_bytes()
}

/// Replaces the configuration. The backup is written when nothing but the last step is left to do.
fn replace(config: &Path, before: &[u8], text: &[u8]) -> Result<()> {
    // Dotfiles are often links into a repository: the file there is replaced, and the link stays.
    let target = target(config)?;
    if fs::metadata(&target).is_ok_and(|found| found.mode() & 0o222 == 0) {
        // The user made it read-only on purpose. A rename would succeed, because it does not need the permission.
        return Err(Error::io("changed", config)(io::ErrorKind::PermissionDenied.into()));
    }
    let prepared = prepare_alike(&target, text).map_err(Error::io("changed", config))?;
    if !before.is_empty() {
        let backup = config.with_file_name(BACKUP);
        fs::copy(&target, &backup).map_err(Error::io("written", &backup))?;
    }
    prepared.persist(&target).map(|_| ()).map_err(|error| Error::io("changed", config)(error.error))
}

/// Returns whether the configuration includes the file of the docks where it counts for every host.
fn includes_docks(config: &[u8], home: &Path) -> bool {
    let ours = home.join(".docker").join(fragment::FILE);
    let mut is_for_all = true;
    for line in lines(config).filter_map(Line::parse) {
        is_for_all = line.is_for_all().unwrap_or(is_for_all);
        let includes = || line.arguments.iter().any(|argument| include_path(argument, home) == ours);
        if is_for_all && line.keyword == "include" && includes() {
            return true;
        }
    }
    false
}

fn has_old_line(config: &[u8]) -> bool {
    lines(config).any(is_old_line)
}

fn is_old_line(line: &[u8]) -> bool {
    Line::parse(line).is_some_and(|line| line.keyword == "include" && line.arguments == [OLD_ARGUMENT])
}

/// Returns the configuration without the lines of earlier versions, and without the comment above them.
fn without_old_lines(config: &[u8]) -> Vec<u8> {
    let comment = head();
    let comment = comment.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let kept: Vec<&[u8]> =
        lines(config).filter(|line| !is_old_line(line) && line.trim_ascii() != comment).collect();
    let kept = kept.join(&b'\n');
    // The blank line below ours is part of the new head.
    kept.strip_prefix(b"\n").map(<[u8]>::to_vec).unwrap_or(kept)
}

fn lines(config: &[u8]) -> impl Iterator<Item = &[u8]> {
    config.split(|byte| *byte == b'\n')
}

/// Returns the file that a chain of links leads to, whether it exists or not.
fn target(config: &Path) -> Result<PathBuf> {
    if config.exists() {
        return fs::canonicalize(config).map_err(Error::io("read", config));
    }
    let link = fs::read_link(config).map(|link| config.parent().unwrap_or(Path::new("/")).join(link));
    Ok(link.unwrap_or_else(|_| config.to_owned()))
}
