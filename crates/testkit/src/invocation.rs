//! One run of a command, with nothing of the caller's environment but PATH.
//!
//! Standard output and error go to files; standard input is empty unless a text is given. A command that has not ended
//! after two minutes is killed, and the test fails.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::outcome::Outcome;
use crate::project::Project;
use crate::recorder::Recorder;
use crate::service::Service;
use crate::{ignored, path};

/// The variable that makes a test print what its commands have printed; visible with `--nocapture`.
const SHOW: &str = "DOCKERUTILS_TEST_SHOW";

/// A command that has not been started yet.
#[derive(Debug)]
#[must_use = "nothing runs until run() or spawn()"]
pub struct Invocation {
    project: Project,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: BTreeMap<OsString, OsString>,
    pub(crate) dir: PathBuf,
    pub(crate) stdin: Option<Vec<u8>>,
    recorder: Recorder,
}

impl Project {
    /// Returns an invocation of one of our commands in the project.
    ///
    /// # Panics
    /// Panics if it has not been built: `cargo test` of the root package builds them all.
    #[track_caller]
    pub fn command(&self, name: &str) -> Invocation {
        let invocation = Invocation::new(self, &our_binary(name));
        if matches!(name, "debug-image" | "run-image" | "run-notebook") {
            invocation.without_engine()
        } else {
            invocation
        }
    }

    /// Returns an invocation of any other program in the same environment: `bash`, `git`, `python3`.
    pub fn program(&self, program: impl AsRef<Path>) -> Invocation {
        Invocation::new(self, program.as_ref())
    }
}

impl Invocation {
    fn new(project: &Project, program: &Path) -> Self {
        ignored::stop_inheritance();
        let recorder = Recorder::new(project.scratch());
        let env = [
            ("PATH", path::path_starting_with(recorder.dir())),
            ("HOME", project.home().into()),
            // The tag of an image is the name of the user by default.
            ("USER", "tester".into()),
            ("LOGNAME", "tester".into()),
            // Messages of git, ssh and rsync are in English everywhere, and local times the same.
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

    /// Leads it to no engine: whether the machine's own one has an image must not decide what a test sees.
    pub fn without_engine(self) -> Self {
        self.env("DOCKER_HOST", "unix:///no-engine/docker.sock")
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

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    pub(crate) fn outcome(&self, status: i32, stdout: &[u8], stderr: &[u8]) -> Outcome {
        let records = self.recorder.calls();
        let outcome = Outcome {
            status,
            stdout: String::from_utf8_lossy(stdout).into_owned(),
            stderr: String::from_utf8_lossy(stderr).into_owned(),
            calls: records.iter().map(crate::Call::words).collect(),
            records,
            shown: format!("{} {:?}", self.program.display(), self.args),
            dir: self.dir.clone(),
            project: self.project.clone(),
        };
        if std::env::var_os(SHOW).is_some() {
            eprint!("{}", outcome.screen());
        }
        outcome
    }
}

/// Returns a binary of this workspace: it is in the folder above that of the running test, `target/PROFILE/deps`.
#[track_caller]
fn our_binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the running test's path");
    let folder = test.parent().and_then(Path::parent).expect("a test in target/PROFILE/deps");
    let binary = folder.join(name);
    assert!(binary.is_file(), "{} is not built: run `cargo build` first", binary.display());
    binary
}
