//! Commands whose standard streams we write and read while they run.
//!
//! Several of them work together, such as `docker save … | ssh … docker load`. They are not echoed one by one: the caller
//! first prints the equivalent pipeline with [`Runner::echo_pipeline`].

use std::fmt;
use std::io::{self, PipeReader, PipeWriter, Write};
use std::process::ExitStatus;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bounded::{BoundedPipe, BoundedReader, Limit, killer};
use crate::{Command, Error, Runner, printable};

/// How long a command may take to end after SIGTERM.
const TERMINATION: Duration = Duration::from_secs(1);

/// The standard streams of a command that are pipes of ours. Its standard error is always kept until it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipes {
    /// Its input alone; its output is kept until it ends.
    Input,
    /// Its output alone; its input is empty.
    Output,
    /// Its input and its output.
    Both,
}

/// A running command. Dropping it before [`wait`](Streaming::wait) kills the command.
pub struct Streaming {
    command: Command,
    handle: Arc<duct::Handle>,
    input: Option<PipeWriter>,
    output: Option<PipeReader>,
    /// The standard output, if it is kept.
    kept_output: Option<BoundedReader>,
    kept_error: BoundedReader,
}

/// The exit status and the kept output of a streaming command.
#[derive(Debug, Clone)]
pub struct StreamOutput {
    /// The exit status.
    pub status: ExitStatus,
    /// The standard output; empty if that was a pipe of ours.
    pub stdout: Vec<u8>,
    /// The standard error.
    pub stderr: Vec<u8>,
}

impl Runner {
    /// Starts a command with pipes, without an echo.
    ///
    /// # Errors
    /// Fails if the command cannot be started, or if a signal has arrived before.
    pub fn start(&self, command: &Command, pipes: Pipes) -> Result<Streaming, Error> {
        let failed = |source| command.start_error(source);
        // Captured rather than inherited: several streams would mix their messages, and the caller diagnoses from them.
        let (error_pipe, writer) = BoundedPipe::new(Limit::Answer).map_err(failed)?;
        let mut expression = command.to_duct()?.stderr_file(writer).unchecked();
        self.signals().map_err(failed)?;
        self.check_interrupted()?;
        let (mut input, mut output, mut output_pipe) = (None, None, None);
        if pipes == Pipes::Output {
            expression = expression.stdin_null();
        } else {
            let (reader, writer) = io::pipe().map_err(failed)?;
            expression = expression.stdin_file(reader);
            input = Some(writer);
        }
        if pipes == Pipes::Input {
            let (pipe, writer) = BoundedPipe::new(Limit::Answer).map_err(failed)?;
            expression = expression.stdout_file(writer);
            output_pipe = Some(pipe);
        } else {
            let (reader, writer) = io::pipe().map_err(failed)?;
            expression = expression.stdout_file(writer);
            output = Some(reader);
        }
        let handle = Arc::new(expression.start().map_err(failed)?);
        // With it our copies of the child's ends are closed: a reader would never see the end of the output while we hold
        // a writer of it ourselves.
        drop(expression);
        let kept_error = error_pipe.read(killer(&handle)).map_err(failed)?;
        let kept_output = output_pipe.map(|pipe| pipe.read(killer(&handle))).transpose().map_err(failed)?;
        Ok(Streaming { command: command.clone(), handle, input, output, kept_output, kept_error })
    }

    /// Echoes the pipeline that does by hand what we do ourselves.
    pub fn echo_pipeline(&self, commands: &[Command]) {
        self.echo_level().echo_pipeline(commands);
    }
}

impl Streaming {
    /// Returns the command's standard input the first time, if it is a pipe of ours. Dropping it ends the input.
    pub fn take_input(&mut self) -> Option<PipeWriter> {
        self.input.take()
    }

    /// Writes to the command's standard input, if it is a pipe of ours that was not taken.
    ///
    /// Failing to write is not an error: the command has ended then, and its exit status shows why.
    pub fn write_input(&mut self, bytes: &[u8]) {
        if let Some(input) = &mut self.input {
            let _ = input.write_all(bytes);
        }
    }

    /// Returns the command's standard output the first time, if it is a pipe of ours.
    pub fn take_output(&mut self) -> Option<PipeReader> {
        self.output.take()
    }

    /// Closes the pipes that were not taken and waits for the command to end, whatever its status.
    ///
    /// # Errors
    /// Fails if the system refuses to wait, or if the command was ended because a stream that is kept had more than 1 MiB.
    pub fn wait(mut self) -> Result<StreamOutput, Error> {
        // A command that reads until the end of its input, or writes more than a pipe holds, would never end otherwise.
        drop(self.input.take());
        drop(self.output.take());
        let status = self.handle.wait().map_err(|source| self.command.start_error(source))?.status;
        let program = self.command.program();
        let kept =
            |reader: &mut BoundedReader| reader.finish().map_err(|overflow| overflow.error(program.clone()));
        let stdout = self.kept_output.as_mut().map_or(Ok(Vec::new()), kept)?;
        Ok(StreamOutput { status, stdout, stderr: kept(&mut self.kept_error)? })
    }

    /// Waits for the command to end, and kills it after this time, so that its output ends.
    ///
    /// # Errors
    /// Fails as [`wait`](Self::wait) does.
    pub fn wait_at_most(self, time: Duration) -> Result<StreamOutput, Error> {
        let deadline = Instant::now() + time;
        while !self.has_ended() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        // Does nothing if the command has ended already.
        let _ = self.handle.kill();
        self.wait()
    }

    /// Ends the command with SIGTERM, and kills it if it has not ended after a second.
    pub fn terminate(self) {
        for pid in self.handle.pids() {
            let _ = kill(Pid::from_raw(i32::try_from(pid).unwrap_or(0)), Signal::SIGTERM);
        }
        let deadline = Instant::now() + TERMINATION;
        while !self.has_ended() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Returns whether its output contains a text so far, of the streams that are kept.
    pub fn has_printed(&self, text: &str) -> bool {
        self.kept_error.contains(text)
            || self.kept_output.as_ref().is_some_and(|output| output.contains(text))
    }

    /// Returns whether the command has ended.
    pub fn has_ended(&self) -> bool {
        !matches!(self.handle.try_wait(), Ok(None))
    }
}

impl StreamOutput {
    /// Returns the last line of standard error that is not empty, as a message shows it.
    pub fn last_stderr_line(&self) -> String {
        let text = String::from_utf8_lossy(&self.stderr);
        let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it gave no reason");
        // The text may come from another machine, and the caller prints it on the user's terminal.
        printable(line).into_owned()
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        // Does nothing if the command has ended already.
        let _ = self.handle.kill();
    }
}

impl fmt::Debug for Streaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streaming").field("command", &self.command).finish_non_exhaustive()
    }
}
