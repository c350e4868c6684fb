//! Our answer, given by a process of its own: so that it can have its own environment, and be seen to speak.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dockerutils_version::Record;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Returns the example `version_record`, which stands beside the tests: `target/PROFILE/examples/version_record`.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("examples/version_record");
    assert!(
        program.is_file(),
        "{} is not built: run `cargo build --package dockerutils-version --examples`",
        program.display()
    );
    program
}

/// A question to [`record`], asked in a process of its own.
pub(crate) struct Question {
    command: Command,
    answer: PathBuf,
    _dir: TempDir,
}

/// What came back: a value for each style, and what stood on standard error.
pub(crate) struct Said {
    pub(crate) answers: Vec<Value>,
    pub(crate) stderr: String,
}

impl Said {
    pub(crate) fn record(&self) -> &Value {
        &self.answers[0]["record"]
    }

    pub(crate) fn note(&self) -> String {
        self.answers[0]["notes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|note| note.as_str().unwrap())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Question {
    /// The version of the project at `root`, in the style that it asks for.
    pub(crate) fn about(root: &Path) -> Self {
        let dir = TempDir::new().unwrap();
        let answer = dir.path().join("answer");
        let mut command = Command::new(program());
        command
            .args([root, &answer])
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .stdin(Stdio::null());
        Question { command, answer, _dir: dir }
    }

    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// The version in each of these styles.
    pub(crate) fn styles(mut self, styles: &[&str]) -> Self {
        self.command.args(styles);
        self
    }

    pub(crate) fn dry_run(self) -> Self {
        self.env("DRY_RUN", "yes")
    }

    /// The process, for a test that does something to it; `wait` takes it back.
    pub(crate) fn start(&mut self) -> std::process::Child {
        self.command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn wait(&self, child: std::process::Child) -> Said {
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stderr}");
        let text = fs::read_to_string(&self.answer).unwrap();
        Said { answers: text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), stderr }
    }

    pub(crate) fn ask(mut self) -> Said {
        let child = self.start();
        self.wait(child)
    }
}

pub(crate) fn to_json(record: &Record) -> Value {
    json!({
        "version": record.version,
        "full-revisionid": record.full_revisionid,
        "dirty": record.dirty,
        "error": record.error,
        "date": record.date,
    })
}
