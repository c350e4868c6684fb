//! Commands whose list counts whatever their status, and whose messages wait until the caller knows what happened.

use std::io::{Write, stderr};
use std::process::ExitStatus;

use crate::bounded::{BoundedPipe, Limit};
use crate::{Command, Error, Runner};

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct JudgedList {
    /// Its standard output.
    pub list: Vec<u8>,
    /// Its exit status.
    pub status: ExitStatus,
    messages: Vec<u8>,
}

impl JudgedList {
    /// Prints what the command wrote on standard error.
    pub fn print_messages(&self) {
        // If standard error is closed, the messages are lost, as the command's own would have been.
        let _ = stderr().write_all(&self.messages);
    }
}

impl Runner {
    /// Echoes and runs a command that prints a list, and returns it whatever the command's status: some programs list what
    /// they can read and then fail because of the rest. A dry run returns an empty list.
    ///
    /// What the command writes on standard error is held back, for a caller that may find a better explanation.
    ///
    /// # Errors
    /// Fails if the command cannot be started, if a signal arrived meanwhile, or if a stream had more than 64 MiB.
    pub fn capture_judged(&self, command: &Command) -> Result<JudgedList, Error> {
        let failed = |source| command.start_error(source);
        let (list, stdout) = BoundedPipe::new(Limit::List).map_err(failed)?;
        let (messages, stderr) = BoundedPipe::new(Limit::List).map_err(failed)?;
        // Above the limit the pipe is closed, and the next message ends the command.
        let mut messages = messages.read(|| {}).map_err(failed)?;
        let redirect = |expression: duct::Expression| expression.stdout_file(stdout).stderr_file(stderr);
        let ended = self.complete(command, redirect, Some(list));
        self.check_interrupted()?;
        let (list, status) = ended?;
        let messages = messages.finish().map_err(|overflow| overflow.error(command.program()))?;
        Ok(JudgedList { list, status, messages })
    }
}
