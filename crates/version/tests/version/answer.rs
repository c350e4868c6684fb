//! Our answer, given by a process of its own: so that it can have its own environment, and be seen to speak.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dockerutils_command::Runner;
use dockerutils_version::{Error, Record, record, uses_versioneer};
use serde_json::{Value, json};
use tempfile::TempDir;

const ROOT: &str = "DOCKERUTILS_VERSION_TEST_ROOT";
const STYLES: &str = "DOCKERUTILS_VERSION_TEST_STYLES";
const ANSWER: &str = "DOCKERUTILS_VERSION_TEST_ANSWER";
const DRY_RUN: &str = "DOCKERUTILS_VERSION_TEST_DRY_RUN";

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
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["answer::in_a_process_of_its_own", "--exact", "--ignored", "--nocapture"])
            .env(ROOT, root)
            .env(ANSWER, &answer)
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
    pub(crate) fn styles(self, styles: &[&str]) -> Self {
        self.env(STYLES, styles.join(" "))
    }

    pub(crate) fn dry_run(self) -> Self {
        self.env(DRY_RUN, "yes")
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

#[test]
#[ignore = "the other tests run it, each in a process of its own"]
fn in_a_process_of_its_own() {
    let (Some(root), Some(answer)) = (std::env::var_os(ROOT), std::env::var_os(ANSWER)) else { return };
    let root = PathBuf::from(root);
    let mut file = fs::File::create(answer).unwrap();
    let settings = uses_versioneer(&root).unwrap().unwrap();
    let styles = std::env::var(STYLES).unwrap_or_else(|_| settings.style.clone());
    for style in styles.split(' ') {
        let settings = dockerutils_version::Settings { style: style.to_owned(), ..settings.clone() };
        let runner = Runner::new(std::env::var_os(DRY_RUN).is_some());
        let value = match record(&root, &settings, &runner) {
            Ok(Some(answer)) => json!({ "record": to_json(&answer.record), "notes": answer.notes }),
            Ok(None) => json!({}),
            Err(err) => {
                let stopped = matches!(err, Error::Command(dockerutils_command::Error::Interrupted { .. }));
                json!({ "failure": err.to_string(), "stopped": stopped })
            }
        };
        writeln!(file, "{value}").unwrap();
    }
}
