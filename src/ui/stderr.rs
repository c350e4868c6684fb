//! Messages: one line each on standard error, after the program's name.

use std::fmt::Display;
use std::io::{Write, stderr};
use std::sync::{PoisonError, RwLock};

use dockerutils_command::{line_end, printable};

/// The name of the running command, the prefix of its messages.
static PROGRAM: RwLock<String> = RwLock::new(String::new());

/// Sets the prefix of all messages from now on.
pub(crate) fn set_program_name(name: &str) {
    name.clone_into(&mut PROGRAM.write().unwrap_or_else(PoisonError::into_inner));
}

/// Returns the name of the running command.
pub(super) fn program_name() -> String {
    PROGRAM.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Prints a line after the program's name.
///
/// A message may quote what others wrote: a configuration, a host, a registry. This is the one place that makes it fit for
/// a terminal.
pub(crate) fn note(message: impl Display) {
    let message = message.to_string();
    let message = printable(&message);
    let program = program_name();
    // A closed standard error must not stop the command: its exit status still reports the outcome.
    let _ = write!(stderr(), "{program}: {message}{}", line_end());
}

/// Prints a message about something that does not stop the command.
pub(crate) fn warn(message: impl Display) {
    note(format_args!("warning: {message}"));
}

/// Prints text without the program's name: help or a list of a command whose standard output a shell evaluates, or the
/// messages that a program printed. Its lines are kept.
pub(crate) fn print_on_stderr(text: impl Display) {
    let _ = write!(stderr(), "{}", printable_lines(&text.to_string()));
}

fn printable_lines(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => printable(line.strip_suffix('\r').unwrap_or(line)).into_owned() + "\n",
            None => printable(line).into_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_and_what_could_steer_the_terminal_is_escaped() {
        let text = "first\r\n\u{1b}[2Jsecond\u{202e}\n\nthird\u{9b}";
        assert_eq!(printable_lines(text), "first\n\\x1b[2Jsecond\\u{202e}\n\nthird\\u{9b}");
        assert_eq!(printable_lines(""), "");
    }
}
