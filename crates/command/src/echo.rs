//! Printing commands before they run.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Command, line_end};

/// The width in columns of the rule above echoed commands.
const RULE: usize = 76;

/// Programs that move files and reach other machines: their lines are dimmed, and a group of them has one rule.
const PLUMBING: [&str; 7] = ["ssh", "ssh-keygen", "rsync", "git", "env", "python3", "aws"];

/// Whether the last echo was a line of plumbing. Standard error is one for the whole process, and so is this.
static IN_PLUMBING: AtomicBool = AtomicBool::new(false);

/// Which commands are echoed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EchoLevel {
    /// Docker's own command lines only.
    Docker,
    /// All commands; of like ones that run at the same time, the first is printed and the others are counted.
    #[default]
    Brief,
    /// All commands.
    Full,
}

/// How a line is printed on a terminal.
#[derive(Clone, Copy)]
enum Style {
    Dim,
    Bold,
    Plain,
}

impl EchoLevel {
    /// Prints one command on standard error.
    pub(crate) fn echo(self, command: &Command) {
        self.echo_line(command, &[command.to_shell()]);
    }

    /// Prints commands, one after the other.
    pub(crate) fn echo_each(self, commands: &[Command]) {
        commands.iter().for_each(|command| self.echo(command));
    }

    /// Prints commands that run at the same time.
    pub(crate) fn echo_alike(self, commands: &[Command]) {
        match commands {
            [first, others @ ..] if self == EchoLevel::Brief && !others.is_empty() && is_plumbing(first) => {
                let counted = format!("# and {} likewise (-v shows all)", others.len());
                self.echo_line(first, &[first.to_shell(), counted]);
            }
            _ => self.echo_each(commands),
        }
    }

    /// Prints a pipeline of commands as one line.
    pub(crate) fn echo_pipeline(self, commands: &[Command]) {
        if let Some(first) = commands.first() {
            let lines: Vec<String> = commands.iter().map(Command::to_shell).collect();
            self.echo_line(first, &[lines.join(" | ")]);
        }
    }

    /// Prints lines in the style of a command, with a rule above unless they continue a group.
    fn echo_line(self, command: &Command, lines: &[String]) {
        let is_docker = command.is(&["docker"]);
        if self == EchoLevel::Docker && !is_docker {
            return;
        }
        let is_plumbing = is_plumbing(command);
        let continues = IN_PLUMBING.swap(is_plumbing, Ordering::Relaxed) && is_plumbing;
        let style = match (is_docker, is_plumbing) {
            (true, _) => Style::Bold,
            (_, true) => Style::Dim,
            _ => Style::Plain,
        };
        print(continues, style, lines);
    }
}

fn is_plumbing(command: &Command) -> bool {
    command.is(&PLUMBING)
}

fn print(continues: bool, style: Style, lines: &[String]) {
    // Not on standard output: that belongs to the commands' own results, which scripts read.
    let mut stderr = std::io::stderr().lock();
    let has_colour = stderr.is_terminal() && wants_colour();
    let (rule, end) = ("─".repeat(RULE), line_end());
    let rule = (!continues).then_some((&rule, Style::Dim));
    for (line, style) in rule.into_iter().chain(lines.iter().map(|line| (line, style))) {
        // A closed standard error must not keep the commands from running.
        let _ = match style {
            Style::Dim if has_colour => write!(stderr, "\x1b[2m{line}\x1b[0m{end}"),
            Style::Bold if has_colour => write!(stderr, "\x1b[1m{line}\x1b[0m{end}"),
            _ => write!(stderr, "{line}{end}"),
        };
    }
}

/// Returns whether the user has not turned colours off. An empty NO_COLOR does not count as set: <https://no-color.org>
fn wants_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}
