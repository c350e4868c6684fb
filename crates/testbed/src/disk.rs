//! A disk for one engine: a file that holds an ext4 file system.
//!
//! Such a disk can be full, and it has a journal. On an ext4 without a journal, which the machine's own file system may
//! be, creating files is many times slower for about a minute after others were removed.

use std::fs::File;
use std::io::{self, Error};
use std::path::Path;
use std::process::{Command, Stdio};

/// Creates `disk.img` in the state folder of an engine or a dock, whose supervisor mounts it.
pub(crate) fn make(state: &Path, megabytes: u64) -> io::Result<()> {
    let image = state.join("disk.img");
    File::create_new(&image)?.set_len(megabytes * 1_000_000)?;
    // -m 0: by default ext4 keeps 5 % of the blocks for root, and an engine, which is root, would have more room than a
    // test expects. The inode tables are written when they are used, so that an empty disk takes no room.
    let output = Command::new("mkfs.ext4")
        .args(["-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard"])
        .arg(&image)
        .stdin(Stdio::null())
        .output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(Error::other(format!("mkfs.ext4: {stderr}"))) }
}
