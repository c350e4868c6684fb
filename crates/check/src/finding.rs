//! What a check has found out.

use std::fmt;

use dockerutils_command::Command;
use serde::{Serialize, Serializer};

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The name of the check, such as `engine.space`. It never changes, because programs read it.
    pub id: &'static str,
    /// Whether something is wrong.
    pub severity: Severity,
    /// What was found, in one sentence without a full stop.
    pub evidence: String,
    /// How to fix it.
    pub fix: Option<Fix>,
}

/// Whether something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is wrong, or it is not known.
    Ok,
    /// It works, but not as well as it could, or not for long.
    Warning,
    /// It does not work.
    Problem,
}

/// How something can be fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// A line for the user, to paste or to follow.
    ByHand(String),
    /// A command that loses nothing and needs no password.
    Safe(Command),
}

impl Finding {
    /// Creates a finding that nothing is wrong.
    pub fn ok(id: &'static str, evidence: impl Into<String>) -> Self {
        Finding { id, severity: Severity::Ok, evidence: evidence.into(), fix: None }
    }

    /// Creates a warning.
    pub fn warning(id: &'static str, evidence: impl Into<String>) -> Self {
        Finding { severity: Severity::Warning, ..Finding::ok(id, evidence) }
    }

    /// Creates a problem.
    pub fn problem(id: &'static str, evidence: impl Into<String>) -> Self {
        Finding { severity: Severity::Problem, ..Finding::ok(id, evidence) }
    }

    /// Creates a problem from a sentence `FAULT: REMEDY`.
    pub fn problem_of_sentence(id: &'static str, sentence: &str) -> Self {
        match sentence.split_once(": ") {
            Some((fault, remedy)) => Finding::problem(id, fault).fix(remedy),
            None => Finding::problem(id, sentence),
        }
    }

    /// Adds a fix for the user to paste or to follow.
    #[must_use]
    pub fn fix(mut self, line: impl Into<String>) -> Self {
        self.fix = Some(Fix::ByHand(line.into()));
        self
    }

    /// Adds a fix that may be applied without a confirmation.
    #[must_use]
    pub fn safe_fix(mut self, command: Command) -> Self {
        self.fix = Some(Fix::Safe(command));
        self
    }
}

impl Fix {
    /// Returns the command if it may be applied without a confirmation.
    pub fn safe(&self) -> Option<&Command> {
        match self {
            Fix::Safe(command) => Some(command),
            Fix::ByHand(_) => None,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Severity::Ok => "ok",
            Severity::Warning => "warning",
            Severity::Problem => "problem",
        })
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Fix::ByHand(line) => f.write_str(line),
            Fix::Safe(command) => f.write_str(&command.to_shell()),
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            id: &'a str,
            severity: Severity,
            evidence: &'a str,
            fix: Option<String>,
            is_safe: bool,
        }
        let fix = self.fix.as_ref();
        let is_safe = fix.is_some_and(|fix| fix.safe().is_some());
        let (id, severity, evidence) = (self.id, self.severity, &self.evidence);
        Shown { id, severity, evidence, fix: fix.map(ToString::to_string), is_safe }.serialize(serializer)
    }
}

/// Returns the severity of the finding with an ID.
#[cfg(test)]
pub(crate) fn severity(findings: &[Finding], id: &str) -> Severity {
    findings
        .iter()
        .find(|finding| finding.id == id)
        .unwrap_or_else(|| panic!("no {id} in {findings:#?}"))
        .severity
}
