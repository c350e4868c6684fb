//! Commands that another command ends.
//!
//! Docker's client, while it shows the terminal of a container, forwards no signal and leaves the terminal unusable if one
//! ends it. So the container is stopped instead, and the client ends by itself.

use std::io::stdin;
use std::process::ExitStatus;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use nix::unistd::Pid;

use crate::bounded::{BoundedPipe, Limit, killer};
use crate::{Command, Error, Runner};

/// How often we look whether the command has ended, or a signal has arrived.
const POLL: Duration = Duration::from_millis(20);

/// How long the command may take to end after `stop` has succeeded, before `stop` is run again. A container that is being
/// started is not stopped, but starts all the same.
const RETRY: Duration = Duration::from_secs(5);

impl Runner {
    /// Echoes and runs a command, and waits for it to exit. A signal that arrives meanwhile is not forwarded: `stop` is run
    /// instead, or, if it fails, the command itself gets the signal. A second signal ends both at once.
    ///
    /// # Errors
    /// Returns [`Error::Interrupted`] if a signal arrived, and [`Error::Failed`] for a status other than 0.
    pub fn run_stoppable(&self, command: &Command, stop: &Command) -> Result<(), Error> {
        if self.is_dry_run() {
            self.echo(std::slice::from_ref(command));
            return Ok(());
        }
        let failed = |source| command.start_error(source);
        let expression = command.to_duct()?.unchecked();
        let signals = self.signals().map_err(failed)?;
        self.check_interrupted()?;
        self.echo(std::slice::from_ref(command));
        // Not later: the command may put the terminal into raw mode.
        let terminal = tcgetattr(stdin()).ok();
        let handle = expression.start().map_err(failed)?;
        let mut stopper: Option<Runner> = None;
        let mut stopped_at: Option<Instant> = None;
        let status = loop {
            if let Some(output) = handle.try_wait().map_err(failed)? {
                break output.status;
            }
            if let Some(signal) = signals.received()
                && stopped_at.is_none_or(|at| at.elapsed() > RETRY)
            {
                // It sees the signals after the first one.
                let stopper = stopper.get_or_insert_with(|| self.uninterrupted());
                if stopper.run_stdout_to_stderr(stop).is_err() {
                    let pid =
                        handle.pids().first().and_then(|pid| i32::try_from(*pid).ok()).map(Pid::from_raw);
                    let _ = pid.map(|pid| kill(pid, Signal::try_from(signal).ok()));
                }
                stopped_at = Some(Instant::now());
            }
            if stopper.as_ref().is_some_and(|stopper| stopper.check_interrupted().is_err()) {
                let _ = handle.kill();
                let _ = terminal.map(|settings| tcsetattr(stdin(), SetArg::TCSANOW, &settings));
                break ExitStatus::default();
            }
            thread::sleep(POLL);
        };
        self.check_interrupted()?;
        if status.success() { Ok(()) } else { Err(Error::Failed { program: command.program(), status }) }
    }

    /// Echoes and runs a command that no signal ends, and returns its standard output: for one whose effect has to be undone
    /// after a signal. It does not read the terminal.
    ///
    /// # Errors
    /// Returns [`Error::Failed`] for a status other than 0, and [`Error::Interrupted`] if a signal arrived before it started.
    pub fn capture_uninterrupted(&self, command: &Command) -> Result<Vec<u8>, Error> {
        if self.is_dry_run() {
            self.echo(std::slice::from_ref(command));
            return Ok(Vec::new());
        }
        let failed = |source| command.start_error(source);
        let (pipe, writer) = BoundedPipe::new(Limit::Answer).map_err(failed)?;
        let expression =
            command.to_duct()?.stdin_null().stdout_file(writer).unchecked().before_spawn(own_process_group);
        self.signals().map_err(failed)?;
        self.check_interrupted()?;
        self.echo(std::slice::from_ref(command));
        let handle = Arc::new(expression.start().map_err(failed)?);
        // The expression owns the writing end of the pipe, and its reader waits until that is closed.
        drop(expression);
        let mut reader = pipe.read(killer(&handle)).map_err(failed)?;
        let status = handle.wait().map_err(failed)?.status;
        let output = reader.finish().map_err(|overflow| overflow.error(command.program()))?;
        if status.success() { Ok(output) } else { Err(Error::Failed { program: command.program(), status }) }
    }

    /// Starts a program of the user's desktop, without a terminal, that may go on after we have ended. Returns its status
    /// if it ends within a time, and `None` if it still runs then.
    ///
    /// # Errors
    /// Fails if the program cannot be started.
    pub fn launch(&self, command: &Command, wait: Duration) -> Result<Option<ExitStatus>, Error> {
        let failed = |source| command.start_error(source);
        let expression = command.to_duct()?.stdin_null().stdout_null().stderr_null().unchecked();
        let handle = expression.before_spawn(own_process_group).start().map_err(failed)?;
        let deadline = Instant::now() + wait;
        loop {
            match handle.try_wait().map_err(failed)? {
                Some(output) => return Ok(Some(output.status)),
                None if Instant::now() >= deadline => return Ok(None),
                None => thread::sleep(POLL),
            }
        }
    }
}

/// Keeps a Ctrl-C for us from the program.
#[expect(clippy::disallowed_types, reason = "std's type sets the process group")]
fn own_process_group(command: &mut std::process::Command) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
    Ok(())
}
