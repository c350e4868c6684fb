//! Compares our version with the one that versioneer computes, in every style.

use std::path::Path;

use serde_json::Value;

use crate::oracle::{self, STYLES};
use crate::process::VersionProcess;
use crate::repository::Repository;

/// Asserts that both compute the same record in each style, and returns versioneer's records.
#[track_caller]
pub(crate) fn assert_agreement(repository: &Repository) -> Vec<Value> {
    assert_agreement_with(repository.root(), &[])
}

/// As [`assert_agreement`], with these environment variables.
#[track_caller]
pub(crate) fn assert_agreement_with(root: &Path, env: &[(&str, &str)]) -> Vec<Value> {
    let mut process = VersionProcess::new(root).styles(&STYLES);
    for (name, value) in env {
        process = process.env(name, *value);
    }
    let output = process.run();
    let expected = oracle::records(root, env);
    assert_eq!((expected.len(), output.results.len()), (STYLES.len(), STYLES.len()));
    for ((style, expected), result) in STYLES.iter().zip(&expected).zip(&output.results) {
        if expected.is_null() {
            assert!(result["record"]["error"].is_string(), "{style}: versioneer raises, we return {result}");
        } else {
            assert_eq!(&result["record"], expected, "{style}\n{}", output.stderr);
        }
    }
    expected
}

/// Asserts the version in the style `pep440`, so that a case is known to be the intended one: both programs could also
/// agree about another state.
#[track_caller]
pub(crate) fn assert_pep440(records: &[Value], version: impl Fn(&str) -> bool, dirty: impl Into<Value>) {
    let pep440 = &records[0];
    assert!(version(pep440["version"].as_str().unwrap()), "{pep440}");
    assert_eq!(pep440["dirty"], dirty.into());
}
