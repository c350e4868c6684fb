//! Why a program that is named by its path cannot be started.

use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use crate::{Error, quote};

/// The longest first line of a script that Linux reads.
const LONGEST_LINE: u64 = 256;

/// Returns the error of a path that is missing, a folder, or not executable.
pub(crate) fn not_runnable(program: String, path: &Path) -> Error {
    let problem = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
            "is a symbolic link to a file that does not exist".to_owned()
        }
        Err(error) if error.kind() == ErrorKind::NotFound => "does not exist".to_owned(),
        Err(error) => format!("cannot be run: {error}"),
        Ok(found) if found.is_dir() => "is a folder".to_owned(),
        Ok(_) => format!("is not executable: chmod +x {}", quote(program.as_ref())),
    };
    Error::NotRunnable { program, problem }
}

/// Returns what is wrong with the first line of a script that the system refused to start.
pub(crate) fn unusable_interpreter(path: &Path, error: &io::Error) -> Option<String> {
    // The system reports a missing interpreter as if the script were missing.
    let is_missing = error.kind() == ErrorKind::NotFound;
    let is_unknown_format = error.raw_os_error() == Some(nix::errno::Errno::ENOEXEC as i32);
    if !path.is_file() || !(is_missing || is_unknown_format) {
        return None;
    }
    let mut line = Vec::new();
    BufReader::new(dockerutils_file::open(path).ok()?.take(LONGEST_LINE))
        .read_until(b'\n', &mut line)
        .ok()?;
    let line = String::from_utf8_lossy(&line);
    let Some(interpreter) = line.strip_suffix('\n').unwrap_or(&line).strip_prefix("#!") else {
        return is_unknown_format
            .then(|| "is neither a program nor a script with a first line such as #!/bin/sh".to_owned());
    };
    if interpreter.ends_with('\r') {
        return Some(
            "has lines that end in CR LF, so its first line names no program: remove each CR".to_owned(),
        );
    }
    let interpreter = interpreter.split_whitespace().next().unwrap_or_default();
    Some(format!("is a script for `{interpreter}`, which does not exist"))
}
