//! A project with its own versioneer.py: it computes the version. If it fails, git is used, and a note gives the reason.

use serde_json::json;

use crate::process::VersionProcess;
use crate::repository::Repository;

/// Returns a tagged project with this versioneer.py.
fn project(versioneer: &str) -> Repository {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.write("versioneer.py", versioneer);
    repository
}

const VERSION_7: &str = "
def get_versions():
    print('reading pyproject.toml')
    return {'version': '7', 'full-revisionid': None, 'dirty': False, 'error': None, 'date': None, 'more': 1}
";

#[test]
fn its_record_is_used_whatever_it_prints_before() {
    let output = VersionProcess::new(project(VERSION_7).root()).run();
    let expected =
        json!({"version": "7", "full-revisionid": null, "dirty": false, "error": null, "date": null});
    assert_eq!(output.record(), &expected);
    assert_eq!(output.notes(), "");
    assert!(!output.stderr.contains("\ngit "), "{}", output.stderr);
}

#[test]
fn its_error_becomes_a_note() {
    let text = "def get_versions(): return {'version': '0+unknown', 'error': 'no suitable tags'}";
    let output = VersionProcess::new(project(text).root()).run();
    assert_eq!(output.record()["error"], "no suitable tags");
    assert_eq!(output.notes(), "using version 0+unknown: no suitable tags");
}

#[test]
fn if_it_fails_git_is_used_and_one_note_gives_the_reason() {
    for (text, words) in [
        // As versioneer 0.18 fails under Python 3.12.
        (
            "import configparser\ndef get_versions(): return configparser.SafeParser()",
            "AttributeError: module 'configparser' has no attribute 'SafeParser'",
        ),
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("print 'python 2'", "SyntaxError:"),
        ("", "AttributeError: module 'versioneer' has no attribute 'get_versions'"),
    ] {
        let output = VersionProcess::new(project(text).root()).run();
        assert_eq!(output.record()["version"], "1.0", "{text}");
        assert!(output.notes().starts_with(&format!("versioneer.py failed ({words}")), "{}", output.notes());
        assert!(output.notes().ends_with("): using git with versioneer's rules"), "{}", output.notes());
        assert!(!output.stderr.contains("Traceback"), "{}", output.stderr);
    }
}

#[test]
fn output_that_is_not_a_record_is_ignored() {
    for text in [
        "import sys\nsys.exit(0)",
        "def get_versions(): pass",
        "def get_versions(): return '1.0'",
        "def get_versions(): return {}",
        "def get_versions(): return {'version': None}",
        "def get_versions(): return {'version': 3}",
        "def get_versions(): return {'version': '3', 'dirty': 'yes'}",
        "def get_versions(): return {'version': '3', 'date': float('nan')}",
    ] {
        let output = VersionProcess::new(project(text).root()).run();
        assert_eq!(output.record()["version"], "1.0", "{text}");
        let begin = "versioneer.py failed (versioneer.py printed no version record: ";
        assert!(output.notes().starts_with(begin), "{text}: {}", output.notes());
    }
}

#[test]
fn without_python3_git_is_used() {
    let project = project(VERSION_7);
    project.write("../bin/git", "#!/bin/sh\nPATH=$REAL_PATH exec git \"$@\"\n");
    let bin = executable(&project, "git");
    let output = VersionProcess::new(project.root())
        .env("REAL_PATH", std::env::var_os("PATH").unwrap())
        .env("PATH", bin)
        .run();
    assert_eq!(output.record()["version"], "1.0");
    assert!(output.notes().contains("`python3` is not installed"), "{}", output.notes());
}

#[test]
fn a_dry_run_echoes_the_command_and_runs_nothing() {
    let output = VersionProcess::new(project("open('ran', 'w')").root()).dry_run().run();
    assert_eq!(output.results, [json!({})]);
    assert!(output.stderr.contains("&& python3 -B -c "), "{}", output.stderr);

    let project = Repository::with_commits("tag_prefix = v", 1);
    let output = VersionProcess::new(project.root()).dry_run().run();
    assert_eq!(output.results, [json!({})]);
    let command = "&& git -c core.fsmonitor=false -c core.hooksPath=/dev/null -c log.showSignature=false \
                   describe --tags --dirty --always --long --match 'v[[:digit:]]*'";
    assert!(output.stderr.contains(command), "{}", output.stderr);
    assert!(!project.root().join("ran").exists());
}

/// Makes `../bin/NAME` executable, and returns its folder.
pub(crate) fn executable(project: &Repository, name: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let bin = project.root().parent().unwrap().join("bin");
    std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    bin
}
