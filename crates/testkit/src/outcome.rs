//! The outcome of a command, and assertions about it.
//!
//! A failed assertion shows the command, its folder, its status, both streams and the project's files. There are no
//! patterns: a text is compared as a whole or searched for literally.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::echo;
use crate::project::Project;
use crate::recorder::Call;

/// How a command ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its exit status; 128 plus the number for a signal.
    pub status: i32,
    /// Its standard output; bytes that are not UTF-8 become replacement characters.
    pub stdout: String,
    /// Its standard error, treated like standard output.
    pub stderr: String,
    /// The arguments of each call of the recording docker.
    pub calls: Vec<Vec<String>>,
    /// The same calls with folder and environment, arguments as bytes.
    pub records: Vec<Call>,
    pub(crate) shown: String,
    pub(crate) dir: PathBuf,
    pub(crate) project: Project,
}

impl Outcome {
    /// Asserts the exit status.
    #[track_caller]
    pub fn status(&self, expected: i32) -> &Self {
        self.check(self.status == expected, || format!("exit status {}, not {expected}", self.status))
    }

    /// Asserts that these echoes, and no others, were printed; each as it would be pasted.
    #[track_caller]
    pub fn echoes(&self, expected: &[&str]) -> &Self {
        let echoed = self.echoed();
        self.check(echoed == expected, || format!("the echoes are not\n{expected:#?}\nbut\n{echoed:#?}"))
    }

    /// Returns the echoes.
    pub fn echoed(&self) -> Vec<String> {
        echo::echoed(&self.stderr)
    }

    /// Asserts that standard error contains a text.
    #[track_caller]
    pub fn stderr_has(&self, expected: &str) -> &Self {
        self.check(self.stderr.contains(expected), || format!("standard error does not contain {expected:?}"))
    }

    /// Asserts that standard error does not contain a text.
    #[track_caller]
    pub fn stderr_lacks(&self, unexpected: &str) -> &Self {
        self.check(!self.stderr.contains(unexpected), || format!("standard error contains {unexpected:?}"))
    }

    /// Asserts that standard output is exactly a text.
    #[track_caller]
    pub fn stdout_is(&self, expected: &str) -> &Self {
        self.check(self.stdout == expected, || format!("standard output is not {expected:?}"))
    }

    /// Asserts that the recording docker was called with these arguments, and not more often.
    #[track_caller]
    pub fn calls_are(&self, expected: &[&[&str]]) -> &Self {
        self.check(self.calls == expected, || {
            format!("the calls are not\n{expected:#?}\nbut\n{:#?}", self.calls)
        })
    }

    /// Asserts any other condition, with the same report as the assertions above.
    #[track_caller]
    pub fn check(&self, holds: bool, message: impl FnOnce() -> String) -> &Self {
        assert!(holds, "{}\n{}", message(), self.report());
        self
    }

    /// Returns the command and what it has printed, as on a screen that shows both streams one after the other.
    pub(crate) fn screen(&self) -> String {
        format!("$ {}\n{}{}(status {})\n", self.shown, self.stderr, self.stdout, self.status)
    }

    fn report(&self) -> String {
        let mut report = format!(
            "command: {}\nfolder:  {}\nstatus:  {}\nstdout:\n{}\nstderr:\n{}\ncalls:   {:#?}\nfiles below {}:\n",
            self.shown,
            self.dir.display(),
            self.status,
            self.stdout,
            self.stderr,
            self.calls,
            self.project.root().display(),
        );
        list(self.project.root(), 1, &mut report);
        report
    }
}

/// Adds the names below a folder to the report, indented by depth, four levels at most.
fn list(dir: &Path, depth: usize, report: &mut String) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(report, "{:indent$}{name}", "", indent = depth * 2);
        if depth < 4 && path.is_dir() && !path.is_symlink() {
            list(&path, depth + 1, report);
        }
    }
}
