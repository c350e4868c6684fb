//! The ways to run a command: wait for it, capture its output, detach it, or replace our own process by it.

use std::os::fd::OwnedFd;
#[expect(clippy::disallowed_types, reason = "the only place that calls exec")]
use std::os::unix::process::CommandExt;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock};

use crate::bounded::{BoundedPipe, Limit, killer};
use crate::echo::EchoLevel;
use crate::signals::Signals;
use crate::{Command, Error};

/// Echoes commands and runs them; under a dry run it only echoes them.
///
/// Clones share one signal watch.
#[derive(Debug, Clone, Default)]
pub struct Runner {
    dry_run: bool,
    echo_level: EchoLevel,
    signals: Arc<OnceLock<Signals>>,
}

impl Runner {
    /// Creates a runner. With `dry_run` it never starts a program.
    pub fn new(dry_run: bool) -> Self {
        Runner { dry_run, echo_level: EchoLevel::default(), signals: Arc::default() }
    }

    /// Sets which commands are echoed.
    #[must_use]
    pub fn with_echo_level(mut self, level: EchoLevel) -> Self {
        self.echo_level = level;
        self
    }

    /// Returns a runner with the same settings that has received no signal yet, for what has to run after one.
    #[must_use]
    pub fn uninterrupted(&self) -> Self {
        Runner { signals: Arc::default(), ..self.clone() }
    }

    /// Returns which commands are echoed.
    pub(crate) fn echo_level(&self) -> EchoLevel {
        self.echo_level
    }

    /// Returns whether commands are only echoed.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Echoes and runs a command, and waits for it to exit.
    ///
    /// # Errors
    /// Returns [`Error::Failed`] for a status other than 0, and [`Error::Interrupted`] if a signal arrived meanwhile.
    pub fn run(&self, command: &Command) -> Result<(), Error> {
        self.wait(command, |expression| expression)
    }

    /// Echoes and runs the last command of a program: its status counts, whatever signal arrived meanwhile.
    ///
    /// # Errors
    /// Returns [`Error::Failed`] for a status other than 0, and [`Error::Interrupted`] if a signal arrived before the
    /// command started.
    pub fn run_to_completion(&self, command: &Command) -> Result<(), Error> {
        self.finish(command, |expression| expression, None).map(|_| ())
    }

    /// Echoes and runs a command, and returns its standard output, which is empty under a dry run.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does. Returns [`Error::TooMuchOutput`] if the output had more than 1 MiB.
    pub fn capture(&self, command: &Command) -> Result<Vec<u8>, Error> {
        self.capture_at_most(command, Limit::Answer)
    }

    /// Echoes and runs a command that prints a list, and returns it; a dry run returns an empty list.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does. Returns [`Error::TooMuchOutput`] if the output had more than 64 MiB.
    pub fn capture_list(&self, command: &Command) -> Result<Vec<u8>, Error> {
        self.capture_at_most(command, Limit::List)
    }

    fn capture_at_most(&self, command: &Command, limit: Limit) -> Result<Vec<u8>, Error> {
        let (pipe, writer) = BoundedPipe::new(limit).map_err(|source| command.start_error(source))?;
        let ended = self.finish(command, |expression| expression.stdout_file(writer), Some(pipe));
        self.check_interrupted()?;
        ended
    }

    /// Echoes and runs a command with its standard output redirected to standard error, for programs whose own standard
    /// output is read by a shell or a script.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does.
    pub fn run_stdout_to_stderr(&self, command: &Command) -> Result<(), Error> {
        self.wait(command, |expression| expression.stdout_to_stderr())
    }

    /// Starts one of our own programs that goes on after we have ended: without an echo, a terminal or a wait.
    ///
    /// # Errors
    /// Fails if the program cannot be started.
    pub fn spawn_detached(&self, command: &Command) -> Result<(), Error> {
        if self.dry_run {
            return Ok(());
        }
        // With an inherited stream it would keep a pipe of the user's open, as in `eval "$(…)"`, which then never ends.
        let expression = command.to_duct()?.stdin_null().stdout_null().stderr_null();
        expression.start().map(|_| ()).map_err(|source| command.start_error(source))
    }

    /// Starts one of our own programs like [`spawn_detached`](Self::spawn_detached), with a socket as its standard input.
    ///
    /// # Errors
    /// Fails if the program cannot be started.
    pub fn spawn_detached_on(&self, command: &Command, socket: OwnedFd) -> Result<(), Error> {
        let expression = command.to_duct()?.stdin_file(socket).stdout_null().stderr_null();
        expression.start().map(|_| ()).map_err(|source| command.start_error(source))
    }

    /// Starts one of our own programs that goes on after another one has taken our place, and may print on standard error:
    /// without an echo or a wait.
    ///
    /// A shell starts it in the background. As a child of ours it would stay in the list of processes when it has ended,
    /// because the program that takes our place does not know of it.
    ///
    /// # Errors
    /// Fails if the shell cannot be started.
    pub fn spawn_in_background(&self, command: &Command) -> Result<(), Error> {
        let shell = command.in_background();
        let expression = shell.to_duct()?.stdin_null().stdout_null().unchecked();
        expression.run().map(|_| ()).map_err(|source| shell.start_error(source))
    }

    /// Runs a command whose standard input and output are a socket, without an echo, and waits for it to exit.
    ///
    /// # Errors
    /// Fails if the command cannot be started.
    pub fn serve(&self, command: &Command, socket: OwnedFd) -> Result<(), Error> {
        let failed = |source| command.start_error(source);
        let output = socket.try_clone().map_err(failed)?;
        let expression = command.to_duct()?.stdin_file(socket).stdout_file(output).stderr_null().unchecked();
        expression.run().map(|_| ()).map_err(failed)
    }

    /// Echoes a command and replaces our process by it: signals, terminal and exit status are then its own.
    ///
    /// A command with a secret on its standard input is run to completion instead.
    ///
    /// # Errors
    /// Returns only if the command cannot be started, or at once under a dry run.
    pub fn exec(&self, command: &Command) -> Result<(), Error> {
        if self.dry_run {
            self.echo_level.echo(command);
            return Ok(());
        }
        if command.has_input() {
            // After exec no process would be left to write the secret into the pipe.
            return self.run_to_completion(command);
        }
        let mut program = command.to_std()?;
        // A signal that our thread has received did not end us, and after exec it would be forgotten.
        self.check_interrupted()?;
        self.echo_level.echo(command);
        Err(command.start_error(program.exec()))
    }

    /// Starts to watch for signals before the first child, for a caller that has something to restore.
    ///
    /// # Errors
    /// Returns [`Error::Signals`] if the system refuses a thread or the signal handlers.
    pub fn watch_signals(&self) -> Result<(), Error> {
        self.signals().map(|_| ()).map_err(Error::Signals)
    }

    /// Echoes commands that are equivalent to work done without a child process (for example an API call).
    pub fn echo(&self, commands: &[Command]) {
        self.echo_level.echo_each(commands);
    }

    /// Checks whether a signal has arrived.
    ///
    /// # Errors
    /// Returns [`Error::Interrupted`] if so.
    pub fn check_interrupted(&self) -> Result<(), Error> {
        match self.signals.get().and_then(Signals::received) {
            Some(signal) => Err(Error::Interrupted { signal }),
            None => Ok(()),
        }
    }

    /// Runs a command and waits; a signal that arrives meanwhile is the error, whatever the command's status.
    pub(crate) fn wait(
        &self,
        command: &Command,
        redirect: impl FnOnce(duct::Expression) -> duct::Expression,
    ) -> Result<(), Error> {
        let ended = self.finish(command, redirect, None).map(|_| ());
        // Some programs end with status 0 after Ctrl-C; the next step must not start all the same.
        self.check_interrupted()?;
        ended
    }

    /// Runs a command and waits; only the command's status counts. Returns what comes through the pipe, if `redirect` has
    /// connected one.
    fn finish(
        &self,
        command: &Command,
        redirect: impl FnOnce(duct::Expression) -> duct::Expression,
        pipe: Option<BoundedPipe>,
    ) -> Result<Vec<u8>, Error> {
        let (output, status) = self.complete(command, redirect, pipe)?;
        if !status.success() {
            return Err(Error::Failed { program: command.program(), status });
        }
        Ok(output)
    }

    /// Runs a command and waits. Returns what [`finish`](Self::finish) returns, with the command's status.
    pub(crate) fn complete(
        &self,
        command: &Command,
        redirect: impl FnOnce(duct::Expression) -> duct::Expression,
        pipe: Option<BoundedPipe>,
    ) -> Result<(Vec<u8>, ExitStatus), Error> {
        if self.dry_run {
            self.echo_level.echo(command);
            return Ok((Vec::new(), ExitStatus::default()));
        }
        // `unchecked` because the exit status becomes our own error below, not duct's.
        let expression = redirect(command.to_duct()?).unchecked();
        let failed = |source| command.start_error(source);
        let signals = self.signals().map_err(failed)?;
        self.check_interrupted()?;
        self.echo_level.echo(command);
        let handle = Arc::new(expression.start().map_err(failed)?);
        // The expression owns the writing ends of pipes, and their readers wait until all of them are closed.
        drop(expression);
        let reader = pipe.map(|pipe| pipe.read(killer(&handle))).transpose().map_err(failed)?;
        let forwarding = handle.pids().first().map(|pid| signals.forward_signals_to(*pid));
        let status = handle.wait().map_err(failed)?.status;
        // Once the child has been waited for, the system may give its process id to another process.
        drop(forwarding);
        let output = reader.map_or(Ok(Vec::new()), |mut reader| reader.finish());
        let output = output.map_err(|overflow| overflow.error(command.program()))?;
        Ok((output, status))
    }

    /// Returns the signal watch, which starts with the first child that we wait for: a program that only execs, such as
    /// `run-image`, needs neither the thread nor its start-up time.
    pub(crate) fn signals(&self) -> std::io::Result<&Signals> {
        if self.signals.get().is_none() {
            let _ = self.signals.set(Signals::watch()?);
        }
        Ok(self.signals.get_or_init(Signals::default))
    }
}
