//! A disk of an engine's own: a file with an ext4 in it.
//!
//! It can be full, and it has a journal: the file system that the tests run on may have none, and then creating files
//! is many times slower for a while after others were removed.

use std::fs::File;
use std::io::{self, Error};
use std::path::Path;
use std::process::{Command, Stdio};

/// Makes `disk.img` in an engine's folder; whoever makes its mounts mounts it.
pub(crate) fn make(state: &Path, megabytes: u64) -> io::Result<()> {
    let image = state.join("disk.img");
    File::create_new(&image)?.set_len(megabytes * 1_000_000)?;
    // No block is for root alone, or an engine would find more room than there is said to be. The tables are written
    // when they are used: a disk that is mostly empty takes no room.
    let output = Command::new("mkfs.ext4")
        .args(["-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard"])
        .arg(&image)
        .stdin(Stdio::null())
        .output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(Error::other(format!("mkfs.ext4: {stderr}"))) }
}
