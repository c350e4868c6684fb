//! Commands whose standard streams are ours to write and to read while they run.
//!
//! Several of them make one piece of work, such as `docker save … | ssh … docker load`. They are not echoed one by one:
//! whoever starts them shows first what does the same by hand, with [`Runner::echo_pipeline`].

use std::fmt;
use std::io::{self, PipeReader, PipeWriter};
use std::process::{ExitStatus, Output};

use crate::runner::echo_lines;
use crate::{Command, Error, Runner};

/// Which standard streams of a command are pipes of ours; its standard error is kept until it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipes {
    /// Its input; its output is kept until it ends.
    Input,
    /// Its output; its input is empty.
    Output,
    /// Both.
    Both,
}

/// A command that is running. It is ended when the value is dropped before it has been waited for.
pub struct Streaming {
    command: Command,
    handle: duct::Handle,
    input: Option<PipeWriter>,
    output: Option<PipeReader>,
}

/// How a streaming command ended, and what it said.
#[derive(Debug, Clone)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output, where that was no pipe of ours.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

impl Runner {
    /// Starts a command with pipes; it is not echoed.
    ///
    /// # Errors
    /// It could not be started, or we were told to stop before.
    pub fn start(&self, command: &Command, pipes: Pipes) -> Result<Streaming, Error> {
        let failed = |source| command.start_error(source);
        let mut expression = command.to_duct()?.stderr_capture().unchecked();
        self.signals().map_err(failed)?;
        self.check_interrupted()?;
        let (mut input, mut output) = (None, None);
        if pipes == Pipes::Output {
            expression = expression.stdin_null();
        } else {
            let (reader, writer) = io::pipe().map_err(failed)?;
            expression = expression.stdin_file(reader);
            input = Some(writer);
        }
        if pipes == Pipes::Input {
            expression = expression.stdout_capture();
        } else {
            let (reader, writer) = io::pipe().map_err(failed)?;
            expression = expression.stdout_file(writer);
            output = Some(reader);
        }
        let handle = expression.start().map_err(failed)?;
        Ok(Streaming { command: command.clone(), handle, input, output })
    }

    /// Shows commands that do by hand, each reading what the one before writes, what we do ourselves.
    pub fn echo_pipeline(&self, commands: &[Command]) {
        let lines: Vec<String> = commands.iter().map(Command::to_shell).collect();
        echo_lines(&[lines.join(" | ")]);
    }
}

impl Streaming {
    /// Its standard input, once, where it is a pipe of ours. Dropping it tells the command that no more comes.
    pub fn take_input(&mut self) -> Option<PipeWriter> {
        self.input.take()
    }

    /// Its standard output, once, where it is a pipe of ours.
    pub fn take_output(&mut self) -> Option<PipeReader> {
        self.output.take()
    }

    /// Closes its input, if nobody has taken it, and waits for its end, whatever its status.
    ///
    /// # Errors
    /// The system refused to wait.
    pub fn wait(mut self) -> Result<Ended, Error> {
        drop(self.input.take());
        drop(self.output.take());
        let output = self.handle.wait().map_err(|source| self.command.start_error(source))?;
        let Output { status, stdout, stderr } = output.clone();
        Ok(Ended { status, stdout, stderr })
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        !matches!(self.handle.try_wait(), Ok(None))
    }
}

impl Ended {
    /// The last line that it wrote to standard error and that is not empty, without what could steer a terminal.
    pub fn last_words(&self) -> String {
        let text = String::from_utf8_lossy(&self.stderr);
        let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it gave no reason");
        line.chars().filter(|c| !c.is_control()).collect()
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        // One that has ended already has nothing to end.
        let _ = self.handle.kill();
    }
}

impl fmt::Debug for Streaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streaming").field("command", &self.command).finish_non_exhaustive()
    }
}
