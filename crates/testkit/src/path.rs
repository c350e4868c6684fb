//! The PATH of a command under test.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The programs that commands and their scripts need besides docker.
const PROGRAMS: &[&str] = &[
    "bash", "cat", "chmod", "cp", "env", "git", "id", "ls", "mkdir", "python3", "rm", "sh", "sleep", "touch",
    "true",
];

/// Returns a PATH of a folder and then the caller's own PATH.
pub fn path_starting_with(dir: &Path) -> OsString {
    let own = env::var_os("PATH").unwrap_or_default();
    env::join_paths(std::iter::once(dir.to_owned()).chain(env::split_paths(&own))).expect("a PATH")
}

/// Returns a PATH of one new folder below `scratch`, with links to a few programs but not to docker.
pub(crate) fn without_docker(scratch: &Path) -> OsString {
    let dir = scratch.join("programs");
    fs::create_dir(&dir).expect("a folder for programs");
    // Links one by one, because docker is in the same folder as the other programs.
    for name in PROGRAMS {
        if let Some(program) = find_program(name) {
            symlink(program, dir.join(name)).expect("a link to a program");
        }
    }
    dir.into_os_string()
}

/// Returns the file of a program on the caller's PATH; `None` if it is not installed.
pub fn find_program(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let own = env::var_os("PATH")?;
    env::split_paths(&own).map(|dir| dir.join(name.as_ref())).find(|file| file.is_file())
}
