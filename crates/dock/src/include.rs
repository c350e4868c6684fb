//! The line of `~/.ssh/config` that includes the docks' fragments.
//!
//! It is added at the top once: ssh uses the first value that it finds, and a line below a `Host` would count for that
//! host only. A file that already contains the line is left as it is.

use std::fs;
use std::path::{Path, PathBuf};

use crate::file::{make_private_dir, read_or_empty, replace_alike};
use crate::{Error, Result};

/// The line that includes every dock's fragment.
pub(crate) const LINE: &str = "Include ~/.docker/*/ssh_config";

/// Adds the line to the user's configuration; returns whether it was missing.
///
/// The previous file is kept beside it as `config.dockerutils-backup`. A link stays a link: the file that it leads to is
/// replaced.
pub(crate) fn add(ssh_folder: &Path) -> Result<bool> {
    let config = ssh_folder.join("config");
    let before = read_or_empty(&config)?;
    if has_line(&before) {
        return Ok(false);
    }
    make_private_dir(ssh_folder)?;
    if config.exists() {
        let backup = ssh_folder.join("config.dockerutils-backup");
        fs::copy(&config, &backup).map_err(Error::io("written", &backup))?;
    }
    let mut text = format!("# The docks of dockerutils, for `ssh MONIKER`\n{LINE}\n\n").into_bytes();
    text.extend(before);
    // Dotfiles are often links into a repository: the file there is replaced, and the link stays.
    replace_alike(&target(&config)?, &text)?;
    Ok(true)
}

fn has_line(config: &[u8]) -> bool {
    config.split(|byte| *byte == b'\n').any(|line| line.trim_ascii().eq_ignore_ascii_case(LINE.as_bytes()))
}

/// Returns the file that a chain of links leads to, whether it exists or not.
fn target(config: &Path) -> Result<PathBuf> {
    if config.exists() {
        return fs::canonicalize(config).map_err(Error::io("read", config));
    }
    let link = fs::read_link(config).map(|link| config.parent().unwrap_or(Path::new("/")).join(link));
    Ok(link.unwrap_or_else(|_| config.to_owned()))
}
