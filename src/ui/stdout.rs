//! Results on standard output.
//!
//! A reader that has closed the pipe (`ls-dock | head -1`) has read enough, so EPIPE is success. Any other failure loses
//! a result that the user requested (a full disk behind `>`), so it is an error.
//!
//! A descriptor that was closed (`>&-`) cannot be told from `/dev/null`: before `main`, Rust opens `/dev/null` in its
//! place, as programs do that start others without output. <https://github.com/rust-lang/rust/pull/75295>

#![expect(clippy::disallowed_methods, reason = "this file alone uses standard output")]

use std::fmt::Display;
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write, stdout};
use std::os::fd::AsFd;

use serde::Serialize;

/// Standard output refused what was written to it.
#[derive(Debug, thiserror::Error)]
#[error("standard output cannot be written to: {0}")]
pub(crate) struct StdoutError(#[source] pub(crate) io::Error);

/// Prints a line.
///
/// # Errors
/// Fails if standard output cannot be written to, except for a closed pipe.
pub(crate) fn print_line(line: impl Display) -> Result<(), StdoutError> {
    let mut stdout = stdout().lock();
    accept_closed_pipe(writeln!(stdout, "{line}").and_then(|()| stdout.flush()))
}

/// Prints a value as indented JSON.
///
/// # Errors
/// As [`print_line`].
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), StdoutError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| StdoutError(error.into()))?;
    print_line(text)
}

/// Prints the help or version text that clap made.
///
/// # Errors
/// As [`print_line`].
pub(crate) fn print_help(help: &clap::Error) -> Result<(), StdoutError> {
    accept_closed_pipe(help.print().and_then(|()| stdout().flush()))
}

/// Returns standard output as a stream of bytes.
///
/// # Errors
/// Fails if standard output is closed.
pub(crate) fn stdout_stream() -> Result<File, StdoutError> {
    stdout().as_fd().try_clone_to_owned().map(File::from).map_err(StdoutError)
}

/// Returns whether standard output is a terminal.
pub(crate) fn stdout_is_terminal() -> bool {
    stdout().is_terminal()
}

/// Returns whether standard input and output are a terminal. Standard error does not count: people redirect it to hide
/// the echo.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && stdout_is_terminal()
}

fn accept_closed_pipe(written: io::Result<()>) -> Result<(), StdoutError> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(StdoutError(error)),
        _ => Ok(()),
    }
}
