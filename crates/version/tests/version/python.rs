//! A project with a versioneer.py of its own: it is asked; where it fails, git is, and the user hears why.

use serde_json::json;

use crate::answer::Question;
use crate::repository::Repository;

/// A tagged project whose versioneer.py is this text.
fn project(versioneer: &str) -> Repository {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.write("versioneer.py", versioneer);
    repository
}

const ANSWERS: &str = "
def get_versions():
    print('reading pyproject.toml')
    return {'version': '7', 'full-revisionid': None, 'dirty': False, 'error': None, 'date': None, 'more': 1}
";

#[test]
fn its_answer_is_taken_whatever_it_prints_before() {
    let said = Question::about(project(ANSWERS).root()).ask();
    let expected =
        json!({"version": "7", "full-revisionid": null, "dirty": false, "error": null, "date": null});
    assert_eq!(said.record(), &expected);
    assert_eq!(said.note(), "");
    assert!(!said.stderr.contains("\ngit "), "{}", said.stderr);
}

#[test]
fn its_error_is_told() {
    let text = "def get_versions(): return {'version': '0+unknown', 'error': 'no suitable tags'}";
    let said = Question::about(project(text).root()).ask();
    assert_eq!(said.record()["error"], "no suitable tags");
    assert_eq!(said.note(), "the version is taken to be 0+unknown: no suitable tags");
}

#[test]
fn where_it_fails_git_is_asked_and_one_sentence_says_so() {
    for (text, words) in [
        // As that of versioneer 0.18 fails under Python 3.12.
        (
            "import configparser\ndef get_versions(): return configparser.SafeParser()",
            "AttributeError: module 'configparser' has no attribute 'SafeParser'",
        ),
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("print 'python 2'", "SyntaxError:"),
        ("", "AttributeError: module 'versioneer' has no attribute 'get_versions'"),
    ] {
        let said = Question::about(project(text).root()).ask();
        assert_eq!(said.record()["version"], "1.0", "{text}");
        assert!(
            said.note().starts_with(&format!("no version from versioneer.py ({words}")),
            "{}",
            said.note()
        );
        assert!(said.note().ends_with("): git is asked by versioneer's rule"), "{}", said.note());
        assert!(!said.stderr.contains("Traceback"), "{}", said.stderr);
    }
}

#[test]
fn an_answer_that_is_no_record_is_not_taken() {
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
        let said = Question::about(project(text).root()).ask();
        assert_eq!(said.record()["version"], "1.0", "{text}");
        let begin = "no version from versioneer.py (versioneer.py answered with no version record: ";
        assert!(said.note().starts_with(begin), "{text}: {}", said.note());
    }
}

#[test]
fn without_python3_git_is_asked() {
    let project = project(ANSWERS);
    project.write("../bin/git", "#!/bin/sh\nPATH=$REAL_PATH exec git \"$@\"\n");
    let bin = executable(&project, "git");
    let said = Question::about(project.root())
        .env("REAL_PATH", std::env::var_os("PATH").unwrap())
        .env("PATH", bin)
        .ask();
    assert_eq!(said.record()["version"], "1.0");
    assert!(said.note().contains("`python3` is not installed"), "{}", said.note());
}

#[test]
fn a_dry_run_shows_the_question_and_asks_nobody() {
    let said = Question::about(project("open('ran', 'w')").root()).dry_run().ask();
    assert_eq!(said.answers, [json!({})]);
    assert!(said.stderr.contains("\npython3 -B -c "), "{}", said.stderr);

    let project = Repository::with_commits("tag_prefix = v", 1);
    let said = Question::about(project.root()).dry_run().ask();
    assert_eq!(said.answers, [json!({})]);
    let question = "\ngit describe --tags --dirty --always --long --match 'v[[:digit:]]*'\n";
    assert!(said.stderr.contains(question), "{}", said.stderr);
    assert!(!project.root().join("ran").exists());
}

/// Makes `../bin/NAME` a program, and answers with its folder.
pub(crate) fn executable(project: &Repository, name: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let bin = project.root().parent().unwrap().join("bin");
    std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    bin
}
