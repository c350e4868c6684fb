//! Determines a version in a separate process, with an environment of its own.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A run of the program `determine-version`.
pub(crate) struct VersionProcess {
    command: Command,
}

/// The output of the program.
pub(crate) struct VersionOutput {
    /// One value for each style: `{"record", "notes"}`, `{"failure", "interrupted"}`, or `{}` for a dry run.
    pub(crate) results: Vec<Value>,
    pub(crate) stderr: String,
}

impl VersionOutput {
    /// Returns the record in the first style.
    pub(crate) fn record(&self) -> &Value {
        &self.results[0]["record"]
    }

    /// Returns the notes in the first style, one a line.
    pub(crate) fn notes(&self) -> String {
        let notes = self.results[0]["notes"].as_array().unwrap();
        notes.iter().map(|note| note.as_str().unwrap()).collect::<Vec<_>>().join("\n")
    }
}

impl VersionProcess {
    /// Prepares a run for the project at `root`, in the style of its settings.
    pub(crate) fn new(root: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_determine-version"));
        command
            .arg(root)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        VersionProcess { command }
    }

    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// Requests the version in each of these styles.
    pub(crate) fn styles(mut self, styles: &[&str]) -> Self {
        self.command.args(styles);
        self
    }

    pub(crate) fn dry_run(mut self) -> Self {
        self.command.arg("--dry-run");
        self
    }

    /// Starts the process, for a test that sends it a signal.
    pub(crate) fn start(mut self) -> Child {
        self.command.spawn().unwrap()
    }

    pub(crate) fn run(self) -> VersionOutput {
        wait(self.start())
    }
}

/// Waits until the process has ended successfully, and parses its output.
pub(crate) fn wait(child: Child) -> VersionOutput {
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    let text = String::from_utf8(output.stdout).unwrap();
    VersionOutput { results: text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), stderr }
}
