//! One run of a command, with nothing of the caller's environment but PATH.
//!
//! Standard output and error go to files; standard input is empty unless a text is given. A command that has not ended
//! after two minutes is killed, and the test fails.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::recorder::Recorder;
use crate::{Outcome, Project, Running, Service, Terminal, ignored, path};

/// A command that has not been started yet.
#[derive(Debug)]
#[must_use = "nothing runs until run() or spawn()"]
pub struct Invocation {
    project: Project,
    program: PathBuf,
    args: Vec<OsString>,
    env: BTreeMap<OsString, OsString>,
    dir: PathBuf,
    stdin: Option<Vec<u8>>,
    recorder: Recorder,
}

impl Invocation {
    pub(crate) fn new(project: &Project, program: &Path) -> Self {
        ignored::stop_inheritance();
        let recorder = Recorder::new(project.scratch());
        let env = [
            ("PATH", path::path_starting_with(recorder.dir())),
            ("HOME", project.home().into()),
            ("USER", "tester".into()),
            ("LOGNAME", "tester".into()),
            ("LANG", "C.UTF-8".into()),
            ("TZ", "UTC".into()),
        ];
        Invocation {
            project: project.clone(),
            program: program.to_owned(),
            args: Vec::new(),
            env: env.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            dir: project.root().to_owned(),
            stdin: None,
            recorder,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args<I: IntoIterator<Item: Into<OsString>>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Removes a variable.
    pub fn env_remove(mut self, name: &str) -> Self {
        self.env.remove(OsStr::new(name));
        self
    }

    /// Puts a folder before all others on PATH.
    pub fn path_first(self, dir: &Path) -> Self {
        let own = self.env.get(OsStr::new("PATH")).cloned().unwrap_or_default();
        let dirs = std::iter::once(dir.to_owned()).chain(std::env::split_paths(&own));
        self.env("PATH", std::env::join_paths(dirs).expect("a PATH"))
    }

    /// Sets the working folder, relative to the project's root.
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = self.project.root().join(dir);
        self
    }

    /// Sets the text that it reads from standard input, through a pipe.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// Reduces PATH to the few programs that commands need, without docker.
    pub fn no_docker(self) -> Self {
        let path = path::without_docker(self.recorder.dir());
        self.env("PATH", path)
    }

    /// Sets the exit status of the recording docker.
    pub fn docker_exits(self, status: u8) -> Self {
        self.docker_runs(&format!("exit {status}"))
    }

    /// Makes the recording docker print these texts. Its exit status, if any, must be set before.
    pub fn docker_prints(self, stdout: &str, stderr: &str) -> Self {
        self.recorder.prints(stdout, stderr);
        self
    }

    /// Sets the sh script that the recording docker runs after it has recorded a call; `"$@"` are the call's arguments.
    pub fn docker_runs(self, script: &str) -> Self {
        self.recorder.then(script);
        self
    }

    /// Leads the command to a service: an engine with its docker instead of the recording one, a stand-in for AWS.
    pub fn uses(mut self, service: &impl Service) -> Self {
        self.env.extend(service.environment().into_iter().map(|(name, value)| (name.into(), value)));
        self
    }

    /// Runs it and waits for it to exit.
    #[track_caller]
    pub fn run(self) -> Outcome {
        self.spawn().wait()
    }

    /// Starts it.
    #[track_caller]
    pub fn spawn(self) -> Running {
        let stdout = tempfile::tempfile().expect("a file for standard output");
        let stderr = tempfile::tempfile().expect("a file for standard error");
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .env_clear()
            .envs(&self.env)
            .current_dir(&self.dir)
            .stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(stdout.try_clone().expect("standard output"))
            .stderr(stderr.try_clone().expect("standard error"))
            .spawn()
            .unwrap_or_else(|error| panic!("{} could not be started: {error}", self.program.display()));
        if let (Some(text), Some(mut pipe)) = (self.stdin.clone(), child.stdin.take()) {
            // Writing fails if the command exits without reading its standard input, which it may.
            std::thread::spawn(move || pipe.write_all(&text));
        }
        Running::new(self, child, stdout, stderr)
    }

    /// Starts it in a pseudo-terminal of its own.
    #[track_caller]
    pub fn spawn_in_terminal(self) -> Terminal {
        let (pty, child_side) = pty_process::blocking::open().expect("a pseudo-terminal");
        pty.resize(pty_process::Size::new(24, 80)).expect("the terminal's size");
        let child = pty_process::blocking::Command::new(&self.program)
            .args(&self.args)
            .env_clear()
            .env("TERM", "xterm")
            .envs(&self.env)
            .current_dir(&self.dir)
            .spawn(child_side)
            .unwrap_or_else(|error| panic!("{} could not be started: {error}", self.program.display()));
        Terminal::new(self, child, pty)
    }

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    pub(crate) fn outcome(&self, status: i32, stdout: &[u8], stderr: &[u8]) -> Outcome {
        let records = self.recorder.calls();
        Outcome {
            status,
            stdout: String::from_utf8_lossy(stdout).into_owned(),
            stderr: String::from_utf8_lossy(stderr).into_owned(),
            calls: records.iter().map(crate::Call::words).collect(),
            records,
            shown: format!("{} {:?}", self.program.display(), self.args),
            dir: self.dir.clone(),
            project: self.project.clone(),
        }
    }
}
