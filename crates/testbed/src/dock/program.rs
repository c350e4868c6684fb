//! Programs that make the parts of a dock.

use std::io::{self, Error};
use std::process::{Command, Stdio};

use crate::limited;

/// Runs a program.
///
/// # Errors
/// Fails with what the program wrote to standard error.
pub(super) fn run(command: &mut Command) -> io::Result<()> {
    let output = limited::output(command.stdin(Stdio::null()))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(Error::other(format!("{command:?}: {stderr}"))) }
}
