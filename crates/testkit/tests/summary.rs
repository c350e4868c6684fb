//! What scripts/test.sh prints and returns. Its cargo is a stand-in that prints results of test binaries.

use std::path::Path;

use dockerutils_testkit::{Outcome, Project};

/// Programs of this machine that the script needs.
const BORROWED: &[&str] = &["awk", "bash", "cat", "dirname", "getconf", "mktemp", "rm", "tee"];

const PASSED: &str =
    "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
const IGNORED: &str =
    "test result: ok. 2 passed; 0 failed; 4 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
const FAILED: &str =
    "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";

/// Runs the script as this user, with a cargo that prints these results and exits with this status.
fn run(uid: u32, results: &[&str], status: u8) -> Outcome {
    let borrow = "for program; do ln -s \"$(command -v \"$program\")\" bin/; done";
    let cargo =
        format!("#!/bin/sh\necho \"$*\" >\"$HOME/arguments\"\ncat \"$HOME/results\"\nexit {status}\n");
    let project = Project::new()
        .file("../home/results", results.concat())
        .executable("../home/bin/id", &format!("#!/bin/sh\necho {uid}\n"))
        .executable("../home/bin/cargo", &cargo);
    let links = project.program("sh").args(["-c", borrow, "sh"]).args(BORROWED.iter().copied());
    links.dir(project.home()).run().status(0);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test.sh");
    let outcome = project.program("bash").arg(script).env("PATH", project.home().join("bin")).run();
    let arguments = std::fs::read_to_string(project.home().join("arguments")).expect("cargo was run");
    assert_eq!(arguments.contains(" -- --include-ignored"), uid == 0, "{arguments}");
    outcome
}

#[track_caller]
fn last_line_is(outcome: &Outcome, expected: &str) {
    assert_eq!(outcome.stdout.lines().last(), Some(expected), "{}", outcome.stdout);
}

#[test]
fn the_last_line_sums_over_all_test_binaries() {
    let outcome = run(1000, &["running 9 tests\n", PASSED, IGNORED, PASSED], 0);
    last_line_is(outcome.status(0), "tests: 8 passed, 0 failed, 4 ignored");
}

#[test]
fn the_exit_status_is_cargos() {
    let outcome = run(0, &[PASSED, FAILED], 101);
    last_line_is(outcome.status(101), "tests: 4 passed, 2 failed, 0 ignored");
    // A test binary that does not compile has no results.
    last_line_is(run(1000, &[], 101).status(101), "tests: 0 passed, 0 failed, 0 ignored");
}

#[test]
fn ignored_tests_are_a_failure_for_root() {
    let outcome = run(0, &[PASSED, IGNORED], 0);
    last_line_is(outcome.status(1), "tests: 5 passed, 0 failed, 4 ignored");
}

#[test]
fn failures_are_repeated_before_the_last_line() {
    let failed = format!("failures:\n\n---- a::b stdout ----\nleft: 1\n\nfailures:\n    a::b\n\n{FAILED}");
    let outcome = run(1000, &[&failed, PASSED], 101);
    let expected = format!("{failed}{PASSED}{failed}\ntests: 4 passed, 2 failed, 0 ignored\n");
    assert_eq!(outcome.status(101).stdout, expected);
}
