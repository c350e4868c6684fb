//! Printing commands before they run.

use std::io::{IsTerminal, Write};

use crate::Command;

/// The width in columns of the rule above echoed commands.
const RULE: usize = 76;

/// Prints commands on standard error, below a rule.
pub(crate) fn echo(commands: &[Command]) {
    let lines: Vec<String> = commands.iter().map(Command::to_shell).collect();
    echo_lines(&lines);
}

/// Prints lines that can be pasted into a shell on standard error, below a rule that is dim on a terminal.
pub(crate) fn echo_lines(lines: &[String]) {
    // Not on standard output: that belongs to the commands' own results, which scripts read.
    let mut stderr = std::io::stderr().lock();
    let rule = "─".repeat(RULE);
    // An empty NO_COLOR does not count as set: https://no-color.org
    let colour = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let rule = if colour { format!("\x1b[2m{rule}\x1b[0m") } else { rule };
    // A closed standard error must not keep the commands from running.
    let _ = writeln!(stderr, "{rule}");
    for line in lines {
        let _ = writeln!(stderr, "{line}");
    }
}
