//! Whether a program is installed, found out without starting it.

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::Error;

/// The folders that execvp(3) searches if PATH is not set.
const USUAL_PATH: &str = "/bin:/usr/bin";

/// Checks that a program is on PATH, where a command would find it.
///
/// # Errors
/// Returns [`Error::NotFound`] if it is not.
pub fn check_installed(program: &str) -> Result<(), Error> {
    let path = env::var_os("PATH").unwrap_or_else(|| USUAL_PATH.into());
    if env::split_paths(&path).any(|folder| is_executable(&folder.join(program))) {
        Ok(())
    } else {
        Err(Error::NotFound { program: program.to_owned() })
    }
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_on_the_path_is_installed_and_another_is_not() {
        assert!(check_installed("sh").is_ok());
        let missing = check_installed("no-program-has-this-name").map_err(|error| error.to_string());
        let message = "`no-program-has-this-name` is not installed: there is no such program on PATH";
        assert_eq!(missing, Err(message.to_owned()));
    }

    #[test]
    fn a_file_that_cannot_be_run_is_not_a_program() {
        assert!(is_executable(Path::new("/bin/sh")));
        assert!(!is_executable(Path::new("/etc/passwd")) && !is_executable(Path::new("/etc")));
    }
}
