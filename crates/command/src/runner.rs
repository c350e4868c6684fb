//! What is done with a command: shown, run, captured, or become.

use std::io::{IsTerminal, Write};
#[expect(clippy::disallowed_types, reason = "the one door to exec")]
use std::os::unix::process::CommandExt;
use std::slice;
use std::sync::{Arc, OnceLock};

use crate::signals::Signals;
use crate::{Command, Error};

/// A rule's width, in columns.
const RULE: usize = 76;

/// Echoes commands and does what is asked with them; under a dry run it echoes and does nothing else.
///
/// Clones share one watch over signals.
#[derive(Debug, Clone, Default)]
pub struct Runner {
    dry_run: bool,
    signals: Arc<OnceLock<Signals>>,
}

impl Runner {
    /// A runner; with `dry_run` no program is ever started.
    pub fn new(dry_run: bool) -> Self {
        Runner { dry_run, signals: Arc::default() }
    }

    /// Whether nothing is to be done but echoing.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Echoes, runs and waits.
    ///
    /// # Errors
    /// [`Error::Failed`] for a status other than 0, [`Error::Interrupted`] when we were told to stop meanwhile.
    pub fn run(&self, command: &Command) -> Result<(), Error> {
        self.wait(command, |expression| expression).map(|_| ())
    }

    /// Echoes, runs and waits for the last of our commands: its status counts, whatever signal came meanwhile.
    ///
    /// # Errors
    /// [`Error::Failed`] for a status other than 0, [`Error::Interrupted`] when we were told to stop before it started.
    pub fn run_to_completion(&self, command: &Command) -> Result<(), Error> {
        self.finish(command, |expression| expression).map(|_| ())
    }

    /// Echoes, runs and waits; answers with its standard output. Under a dry run: with nothing.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn capture(&self, command: &Command) -> Result<Vec<u8>, Error> {
        self.wait(command, |expression| expression.stdout_capture())
    }

    /// Echoes, runs and waits; what it writes to standard output goes to standard error, for ours is spoken for.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_stdout_to_stderr(&self, command: &Command) -> Result<(), Error> {
        self.wait(command, |expression| expression.stdout_to_stderr()).map(|_| ())
    }

    /// Starts one of our own programs, which goes on when we have ended: without an echo, a terminal, or a wait.
    ///
    /// # Errors
    /// It could not be started.
    pub fn spawn_detached(&self, command: &Command) -> Result<(), Error> {
        if self.dry_run {
            return Ok(());
        }
        let expression = command.to_duct()?.stdin_null().stdout_null().stderr_null();
        expression.start().map(|_| ()).map_err(|source| command.start_error(source))
    }

    /// Echoes and becomes the command: signals, terminal and exit status are its own.
    ///
    /// # Errors
    /// It returns only when the command could not be started, or at once under a dry run.
    pub fn exec(&self, command: &Command) -> Result<(), Error> {
        if self.dry_run {
            echo(slice::from_ref(command));
            return Ok(());
        }
        if command.has_input() {
            // Somebody has to write it.
            return self.run_to_completion(command);
        }
        let mut program = command.to_std()?;
        self.check_interrupted()?;
        echo(slice::from_ref(command));
        Err(command.start_error(program.exec()))
    }

    /// Lets signals wait for us from now on, as they do once a first child is waited for.
    ///
    /// # Errors
    /// The system refused.
    pub fn watch_signals(&self) -> std::io::Result<()> {
        self.signals().map(|_| ())
    }

    /// Echoes commands that are equivalent to work done without a child process (for example an API call).
    pub fn echo(&self, commands: &[Command]) {
        if !commands.is_empty() {
            echo(commands);
        }
    }

    /// Whether we were told to stop.
    ///
    /// # Errors
    /// [`Error::Interrupted`], if so.
    pub fn check_interrupted(&self) -> Result<(), Error> {
        match self.signals.get().and_then(Signals::received) {
            Some(signal) => Err(Error::Interrupted { signal }),
            None => Ok(()),
        }
    }

    pub(crate) fn wait(
        &self,
        command: &Command,
        redirect: impl FnOnce(duct::Expression) -> duct::Expression,
    ) -> Result<Vec<u8>, Error> {
        let ended = self.finish(command, redirect);
        self.check_interrupted()?;
        ended
    }

    /// Runs and waits; a signal that came meanwhile changes nothing about how it ended.
    fn finish(
        &self,
        command: &Command,
        redirect: impl FnOnce(duct::Expression) -> duct::Expression,
    ) -> Result<Vec<u8>, Error> {
        if self.dry_run {
            echo(slice::from_ref(command));
            return Ok(Vec::new());
        }
        let expression = redirect(command.to_duct()?).unchecked();
        let signals = self.signals().map_err(|source| command.start_error(source))?;
        self.check_interrupted()?;
        echo(slice::from_ref(command));
        let handle = expression.start().map_err(|source| command.start_error(source))?;
        let forwarding = handle.pids().first().map(|pid| signals.forward_signals_to(*pid));
        let output = handle.wait().map_err(|source| command.start_error(source))?;
        drop(forwarding);
        if output.status.success() {
            Ok(output.stdout.clone())
        } else {
            Err(Error::Failed { program: command.program(), status: output.status })
        }
    }

    /// The watch over signals, begun with the first child that we outlive: a command that only execs never needs it.
    pub(crate) fn signals(&self) -> std::io::Result<&Signals> {
        if self.signals.get().is_none() {
            let _ = self.signals.set(Signals::watch()?);
        }
        Ok(self.signals.get_or_init(Signals::default))
    }
}

/// Prints commands on standard error, below a rule. Standard output is the commands' own.
pub(crate) fn echo(commands: &[Command]) {
    let lines: Vec<String> = commands.iter().map(Command::to_shell).collect();
    echo_lines(&lines);
}

/// Prints lines to paste on standard error, below a rule; colour only on a terminal.
pub(crate) fn echo_lines(lines: &[String]) {
    let mut stderr = std::io::stderr().lock();
    let rule = "─".repeat(RULE);
    let colour = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let rule = if colour { format!("\x1b[2m{rule}\x1b[0m") } else { rule };
    // A closed standard error must not keep the commands from running.
    let _ = writeln!(stderr, "{rule}");
    for line in lines {
        let _ = writeln!(stderr, "{line}");
    }
}
