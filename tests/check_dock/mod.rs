//! `check-dock`: each test brings the machine, an engine, a dock or the project into a state, and reads the finding.

#[cfg(feature = "ec2")]
mod aws;
mod client;
mod dock;
mod docs;
mod engine;
mod hint;
mod project;
mod sessions;

use dockerutils_testkit::{Invocation, Outcome, Project};
use serde_json::Value;

/// A project with one image, with which nothing is wrong.
fn project() -> Project {
    Project::new().dockerfile("dev", "FROM scratch\n")
}

/// Runs `check-dock --json` and returns the outcome and its findings.
fn check(invocation: Invocation) -> (Outcome, Vec<Value>) {
    let outcome = invocation.arg("--json").run();
    let findings =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    (outcome, findings)
}

/// Returns the first finding of this name that is worst.
#[track_caller]
fn finding<'a>(findings: &'a [Value], id: &str) -> &'a Value {
    let of_id = || findings.iter().filter(|finding| finding["id"] == id);
    let severe = |severity: &str| of_id().find(|finding| finding["severity"] == severity);
    let found = severe("problem").or_else(|| severe("warning")).or_else(|| of_id().next());
    found.unwrap_or_else(|| panic!("no {id} in {findings:#?}"))
}

#[track_caller]
fn assert_finding(findings: &[Value], id: &str, severity: &str, evidence: &str) {
    let found = finding(findings, id);
    let text = found["evidence"].as_str().unwrap_or_default();
    assert!(found["severity"] == severity && text.contains(evidence), "{found:#}");
    assert!(severity == "ok" || found["fix"].is_string(), "{found:#}");
}

/// Returns the findings that are not `ok`, by name.
fn faults(findings: &[Value]) -> Vec<String> {
    let faults = findings.iter().filter(|finding| finding["severity"] != "ok");
    faults.map(|finding| format!("{}: {}", finding["id"], finding["evidence"])).collect()
}
